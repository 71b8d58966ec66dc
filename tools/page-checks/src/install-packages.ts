// The packages as npm would install them: packed, unpacked, with what they depend on, and no link to the workspace. Bundlers
// treat what is linked as source of the app, and what lies in node_modules otherwise.

import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packPackage, unpackPackage } from "../../package-checks/src/pack.ts";

const packagesFolder = fileURLToPath(new URL("../../../packages", import.meta.url));

/** Installs built packages, named by their folders, and what they depend on under `root`. */
export function installPackages(root: string, folders: readonly string[]): void {
  for (const name of folders) {
    const folder = join(packagesFolder, name);
    unpackPackage(packPackage(folder, join(root, "packed")), root, `@saccade/${name}`);
    const { dependencies = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
      readonly dependencies?: Readonly<Record<string, string>>;
    };
    for (const dependency of Object.keys(dependencies)) {
      if (dependency.startsWith("@saccade/")) continue;
      const place = join("node_modules", dependency);
      cpSync(join(folder, place), join(root, place), { recursive: true, dereference: true });
    }
  }
}
