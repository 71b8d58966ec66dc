// Every example of every README as a file of its own in `generated/`, from where the packages can be imported.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Example, extractExamples } from "./extract.ts";

export const workspaceRoot: string = fileURLToPath(new URL("../../..", import.meta.url));
export const generatedFolder: string = fileURLToPath(new URL("../generated", import.meta.url));

/** An example and its file. */
export interface WrittenExample extends Example {
  readonly file: string;
}

/** The READMEs of the workspace and the folder that the examples of each go to. */
export function findReadmes(): { readonly name: string; readonly folder: string }[] {
  const packages = readdirSync(join(workspaceRoot, "packages")).map((folder) => ({
    name: `packages/${folder}/README.md`,
    folder,
  }));
  const readmes = [{ name: "README.md", folder: "root" }, ...packages];
  return readmes.filter(({ name }) => existsSync(join(workspaceRoot, name)));
}

/** Every example, without writing anything. */
export function readExamples(): WrittenExample[] {
  return findReadmes().flatMap(({ name, folder }) =>
    extractExamples(name, readFileSync(join(workspaceRoot, name), "utf8")).map((example, i) => {
      const suffix = isSuite(example) ? ".test.ts" : ".ts";
      return { ...example, file: join(generatedFolder, folder, example.browser ?? `example-${i + 1}${suffix}`) };
    }),
  );
}

/** Writes the files anew, and the configuration that they are type checked with. */
export function writeExamples(): WrittenExample[] {
  rmSync(generatedFolder, { recursive: true, force: true });
  const examples = readExamples();
  for (const { file, code } of examples) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, code);
  }
  const config = {
    extends: "../../../tsconfig.check.json",
    compilerOptions: { lib: ["ESNext", "DOM"], moduleDetection: "force" },
    include: ["."],
  };
  mkdirSync(generatedFolder, { recursive: true });
  writeFileSync(join(generatedFolder, "tsconfig.json"), JSON.stringify(config));
  return examples;
}

/** Whether an example is itself a suite of tests, to be run by Vitest. */
export function isSuite({ code }: Example): boolean {
  return /from "vitest";/.test(code);
}
