// Checks the packed package of the current folder: publint, and are-the-types-wrong with its ESM-only profile.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { packPackage } from "./pack.ts";

const packageFolder = resolve(".");
const manifest = JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8")) as Record<string, unknown>;
const attwManifest = createRequire(import.meta.url).resolve("@arethetypeswrong/cli/package.json");
const attw = join(dirname(attwManifest), "dist/index.js");

const folder = mkdtempSync(join(tmpdir(), "saccade-pack-"));
try {
  const tarball = packPackage(packageFolder, folder);
  const bytes = Uint8Array.from(readFileSync(tarball));
  const { messages } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
  for (const message of messages)
    console.error(`publint: ${formatMessage(message, manifest, { color: false }) ?? message.code}`);

  const types = spawnSync(
    process.execPath,
    [attw, tarball, "--profile", "esm-only", "--no-emoji", "--no-color", "--exclude-entrypoints", "./package.json"],
    { encoding: "utf8" },
  );
  if (types.status !== 0) console.error(`attw: ${types.stdout}${types.stderr}`);

  console.log(`${bytes.length} bytes packed; publint ${messages.length} messages; attw status ${types.status}`);
  process.exitCode = messages.length === 0 && types.status === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
