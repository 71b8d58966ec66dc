// The host's own Node, where it is another than the one that runs this: the figures of Node 20 beside those of Node 24.
// An older Node cannot run TypeScript, so the sources are stripped of their types into `dist/older-node` first.
import { execFile } from "node:child_process";
import { access, constants, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { delimiter, dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Runtime } from "./spawn-case.ts";

/** The first Node on `path` that is not an npm package and whose major version is another than ours; else `undefined`. */
export async function findOlderNode(path: string): Promise<Pick<Runtime, "node" | "version"> | undefined> {
  for (const folder of path.split(delimiter)) {
    if (folder.split(sep).includes("node_modules")) continue;
    const node = join(folder, "node");
    try {
      await access(node, constants.X_OK);
      const { stdout } = await promisify(execFile)(node, ["-p", "process.versions.node"]);
      const version = stdout.trim();
      if (version.split(".")[0] !== process.versions.node.split(".")[0]) return { node, version };
    } catch {
      // No Node in this folder, or none that runs.
    }
  }
  return undefined;
}

/** The runtime of the older Node, its child file written anew. */
export async function olderRuntime(path: string): Promise<Runtime | undefined> {
  const found = await findOlderNode(path);
  return found && { ...found, child: await stripSources() };
}

async function stripSources(): Promise<string> {
  const from = fileURLToPath(new URL(".", import.meta.url));
  const to = fileURLToPath(new URL("../dist/older-node/", import.meta.url));
  await rm(to, { recursive: true, force: true });
  for (const file of await readdir(from, { recursive: true })) {
    if (!file.endsWith(".ts") || file.endsWith(".test.ts") || file.split(sep).includes("kernels")) continue;
    const target = join(to, toJavaScriptName(file));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, toJavaScript(await readFile(join(from, file), "utf8")));
  }
  return join(to, "child.js");
}

/** `source` without its types, relative imports naming the stripped files. */
export function toJavaScript(source: string): string {
  return stripTypeScriptTypes(source).replace(
    /((?:from|import)\s*\(?\s*)"(\.[^"]+\.ts)"/g,
    (_, before: string, file: string) => `${before}"${toJavaScriptName(file)}"`,
  );
}

function toJavaScriptName(file: string): string {
  return file.replace(/\.ts$/, ".js");
}
