// Runs what the READMEs show, as a process of its own, over the packages' source.

import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { findReadmes, generatedFolder, isSuite, readExamples, workspaceRoot } from "./write-examples.ts";

const fromRoot = createRequire(join(workspaceRoot, "package.json"));
const toolFolder = fileURLToPath(new URL("..", import.meta.url));

/** The file behind a command of a package. */
function commandOf(packageName: string, command: string): string {
  const manifest = fromRoot.resolve(`${packageName}/package.json`);
  const { bin } = fromRoot(manifest) as { bin: Readonly<Record<string, string>> };
  return join(dirname(manifest), bin[command]!);
}

function run(args: readonly string[]): { readonly status: number | null; readonly out: string; readonly err: string } {
  const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, VITEST: undefined, TEST_REPORT: undefined };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: toolFolder, env, encoding: "utf8" });
  return { status, out: stdout, err: stderr };
}

test("examples pass the type checker at its strictest", () => {
  const { status, out } = run([commandOf("typescript", "tsc"), "-p", generatedFolder]);
  expect(out).toBe("");
  expect(status).toBe(0);
});

describe("every README", () => {
  const examples = readExamples();
  test.each(findReadmes().map(({ name }) => name))("%s has examples", (name) => {
    expect(examples.filter(({ place }) => place.startsWith(name)).length).toBeGreaterThan(0);
  });

  for (const example of examples.filter(({ browser }) => browser === null)) {
    test(`${example.place} runs${example.output === null ? "" : " and prints what it says"}`, () => {
      const { status, out, err } = run(
        isSuite(example)
          ? [commandOf("vitest", "vitest"), "run", "--config", "src/suite.config.ts", example.file]
          : ["--conditions=@saccade/source", example.file],
      );
      expect({ status, err }).toEqual({ status: 0, err: "" });
      expect(out).toBe(example.output ?? out);
    });
  }
});
