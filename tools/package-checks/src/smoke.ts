// Runs `smoke-program.mjs` against the packed core with the machine's own Node (20.19 or later), not the newer one
// that the workspace installs for its scripts.
import { spawnSync } from "node:child_process";
import { accessSync, constants, copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packPackage, unpackPackage } from "./pack.ts";

const coreFolder = fileURLToPath(new URL("../../../packages/attention-core", import.meta.url));
const program = fileURLToPath(new URL("smoke-program.mjs", import.meta.url));

/** The first `node` on PATH outside any node_modules, or the running one where there is none. */
function findHostNode(): string {
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    if (folder === "" || folder.includes("node_modules")) continue;
    const path = join(folder, process.platform === "win32" ? "node.exe" : "node");
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return process.execPath;
}

const root = mkdtempSync(join(tmpdir(), "saccade-smoke-"));
try {
  unpackPackage(packPackage(coreFolder, root), root, "@saccade/attention-core");
  copyFileSync(program, join(root, "smoke-program.mjs"));
  const node = findHostNode();
  const run = spawnSync(node, ["smoke-program.mjs"], { cwd: root, stdio: "inherit", timeout: 120_000 });
  if (run.status !== 0)
    console.error(`Cannot run the packed core: ${node} ended with status ${run.status ?? run.signal}`);
  process.exitCode = run.status === 0 ? 0 : 1;
} finally {
  rmSync(root, { recursive: true });
}
