// Platforms inside plugins: what needs Node or a browser is behind an entry of its own, in `src/node` or `src/browser`, and
// the rest of the package never reaches it.
import { posix } from "node:path";
import { importsOf } from "./imports.ts";

/** The folders under `src` that each belong to a platform. */
export const platformFolders: readonly string[] = ["node", "browser"];

/** One sentence for each forbidden import. `sources` maps a path relative to a plugin's `src`, with `/`, to the file's text. */
export function findPlatformFaults(plugin: string, sources: Readonly<Record<string, string>>): string[] {
  const faults: string[] = [];
  for (const [path, text] of Object.entries(sources)) {
    const from = platformOf(path);
    for (const specifier of importsOf(path, text)) {
      const to = specifier.startsWith(".") ? platformOf(posix.join(posix.dirname(path), specifier)) : undefined;
      if (specifier.startsWith("node:") && from !== "node") {
        faults.push(`${plugin}: ${path} must not import ${specifier}: only src/node may`);
      } else if (to !== undefined && to !== from) {
        faults.push(`${plugin}: ${path} must not import ${specifier}: it is for ${to} alone`);
      }
    }
  }
  return faults;
}

function platformOf(path: string): string | undefined {
  const [folder] = path.split("/");
  return platformFolders.find((name) => name === folder);
}
