// The arrows inside attention-core: a backend folder may import the files of the root folder of `src` and of the
// folders that are no backend, but not another backend; nothing outside a backend folder may import from inside one.
import { posix } from "node:path";
import { importsOf } from "./imports.ts";

/** The folders under `src` that each hold a backend. */
export const backendFolders: readonly string[] = ["reference", "wasm", "webgpu"];

/** One sentence for each forbidden import. `sources` maps a path relative to `src`, with `/`, to the file's text. */
export function findFolderFaults(sources: Readonly<Record<string, string>>): string[] {
  const faults: string[] = [];
  for (const [path, text] of Object.entries(sources)) {
    const from = backendOf(path);
    for (const specifier of importsOf(path, text)) {
      if (!specifier.startsWith(".")) continue;
      const to = backendOf(posix.join(posix.dirname(path), specifier));
      if (to !== undefined && to !== from)
        faults.push(`${path} must not import ${specifier}: it is inside the backend ${to}`);
    }
  }
  return faults;
}

function backendOf(path: string): string | undefined {
  const [folder] = path.split("/");
  return backendFolders.find((name) => name === folder);
}
