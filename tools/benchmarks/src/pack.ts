// Packs what `bench --backend webgpu` needs beside the sources: a card may be in a machine without a network, where nothing can
// be installed. `node src/pack.ts FILE.tar.xz` on this machine; there, at the root of a copy of the repository, `tar -xJf FILE` or
// `python3 -m tarfile -e FILE`, and node_modules/.bin/node runs the benchmarks from source. For Linux on this processor.
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** Of each package the files that are loaded; nothing else travels. */
const needed: Readonly<Record<string, readonly string[]>> = {
  webgpu: ["package.json", "index.js", `dist/linux-${process.arch}`],
  "onnxruntime-web": [
    "package.json",
    "dist/ort.webgpu.bundle.min.mjs",
    "dist/ort-wasm-simd-threaded.asyncify.mjs",
    "dist/ort-wasm-simd-threaded.asyncify.wasm",
  ],
  "@jax-js/jax": ["package.json", "dist"],
};

const root = fileURLToPath(new URL("../../..", import.meta.url));
const ownModules = fileURLToPath(new URL("../node_modules", import.meta.url));
const [archive] = process.argv.slice(2);
if (!archive) throw new RangeError("Cannot pack: the name of an archive must be given, there is none");

const folder = await mkdtemp(join(tmpdir(), "saccade-pack-"));
try {
  const modules = join(folder, "node_modules");
  for (const [name, files] of Object.entries(needed)) {
    const from = await realpath(join(ownModules, name));
    for (const file of files) await cp(join(from, file), join(modules, name, file), { recursive: true });
  }
  await mkdir(join(modules, ".bin"), { recursive: true });
  await cp(process.execPath, join(modules, ".bin/node"), { dereference: true });
  await mkdir(join(modules, "@saccade"));
  for (const name of await readdir(join(root, "packages"))) {
    await symlink(join("../../packages", name), join(modules, "@saccade", name));
  }
  // Links must stay links, and an archive of the root's own node_modules would be fifteen times as large.
  const to = resolve(archive);
  await mkdir(dirname(to), { recursive: true });
  await promisify(execFile)("tar", ["-C", folder, "-cJf", to, "node_modules"]);
} finally {
  await rm(folder, { recursive: true, force: true });
}
