// TypeScript's project references must name just the workspace packages that package.json depends on. `main.ts`
// checks it; run as a program with --write, this file brings the references up to date.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { listManifests, type Manifest } from "./workspace.ts";

const configName = "tsconfig.lib.json";

/** One sentence for each built package whose references differ from its dependencies. Writes them if `write` is set. */
export function findReferenceFaults(workspaceRoot: string, write: boolean): string[] {
  const faults: string[] = [];
  const manifests = listManifests(workspaceRoot);
  const folders = new Map(manifests.map(({ name, folder }) => [name, folder]));
  for (const manifest of manifests) {
    const path = join(workspaceRoot, manifest.folder, configName);
    if (!existsSync(path)) continue;
    const config = JSON.parse(readFileSync(path, "utf8")) as { references?: { path: string }[] };
    const wanted = referencesOf(manifest, folders).filter((reference) => existsSync(join(dirname(path), reference)));
    const actual = (config.references ?? []).map((reference) => reference.path);
    if (JSON.stringify(wanted) === JSON.stringify(actual)) continue;
    if (write) {
      const references = wanted.map((reference) => ({ path: reference }));
      writeFileSync(path, `${JSON.stringify({ ...config, references }, null, 2)}\n`);
    } else {
      faults.push(
        `${manifest.folder}/${configName} must reference [${wanted.join(", ")}], has [${actual.join(", ")}]; \`pnpm references\` writes it`,
      );
    }
  }
  return faults;
}

function referencesOf(manifest: Manifest, folders: ReadonlyMap<string, string>): string[] {
  const paths = manifest.runtimeDependencies.flatMap((name) => folders.get(name) ?? []);
  return paths.map((folder) => posix.join(relative(manifest.folder, folder).split(sep).join("/"), configName)).sort();
}
