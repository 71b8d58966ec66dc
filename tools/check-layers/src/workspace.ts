// The packages of the workspace as their manifests describe them.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What the checks need of a package.json. */
export interface Manifest {
  readonly name: string;
  /** Relative to the workspace's root, with `/`. */
  readonly folder: string;
  /** Names under `dependencies` and `peerDependencies`. */
  readonly runtimeDependencies: readonly string[];
}

/** The manifests of all packages, sorted by folder. */
export function listManifests(workspaceRoot: string): Manifest[] {
  const manifests: Manifest[] = [];
  for (const group of ["apps", "packages", "tools"]) {
    for (const name of readdirSync(join(workspaceRoot, group)).sort()) {
      const path = join(workspaceRoot, group, name, "package.json");
      if (!existsSync(path)) continue;
      const content = JSON.parse(readFileSync(path, "utf8")) as {
        name: string;
        dependencies?: Record<string, string>;
        peerDependencies?: Record<string, string>;
      };
      const names = Object.keys({ ...content.dependencies, ...content.peerDependencies });
      manifests.push({ name: content.name, folder: `${group}/${name}`, runtimeDependencies: names });
    }
  }
  return manifests;
}
