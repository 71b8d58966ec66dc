// files.json: every other file of a model with its length and SHA-256. It makes a model one thing: a file that is cut short,
// swapped, or from another version is known before it is used.

import { formatVersion, parseVersioned } from "../config.ts";
import { ModelFileError, quote } from "../errors.ts";
import type { Json } from "../json/parse-json.ts";
import { checkPath } from "./path.ts";
import { sha256 } from "./sha256.ts";

/** The files of a model folder that have a meaning here. */
export const manifestPath = "files.json";
export const configPath = "config.json";
export const weightsPath = "model.safetensors";
export const cardPath = "README.md";

/** The longest files.json that is read, in bytes. */
export const longestManifestBytes = 1_048_576;

/** A file of a model: its length in bytes and its SHA-256 in lower-case hexadecimal. */
export interface ManifestEntry {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The entries of files.json by path. Throws `ModelFileError`. */
export function parseManifest(bytes: Uint8Array, file: string): ReadonlyMap<string, ManifestEntry> {
  const { files } = parseVersioned(bytes, file, "manifest-invalid", longestManifestBytes);
  const refuse = (rule: string, actual: Json | undefined): never => {
    const found = actual === undefined ? "missing" : quote(JSON.stringify(actual));
    throw new ModelFileError("manifest-invalid", file, `Cannot read ${file}: ${rule}, it is ${found}`);
  };
  if (!Array.isArray(files)) return refuse(`"files" must be an array`, files);
  const entries = new Map<string, ManifestEntry>();
  for (const entry of files as readonly Json[]) {
    if (typeof entry !== "object" || entry === null || Array.isArray(entry)) {
      return refuse("each of files must be an object", entry);
    }
    const { path, bytes: length, sha256: hash } = entry as Readonly<Record<string, Json>>;
    if (typeof path !== "string") return refuse(`"path" of a file must be a text`, path);
    checkPath(path, file);
    if (entries.has(path) || path === manifestPath) refuse(`files must be named once, and not ${manifestPath}`, path);
    if (typeof length !== "number" || !Number.isSafeInteger(length) || length < 0) {
      return refuse(`"bytes" of ${path} must be an integer >= 0`, length);
    }
    if (typeof hash !== "string" || !/^[0-9a-f]{64}$/.test(hash)) {
      return refuse(`"sha256" of ${path} must be 64 digits of lower-case hexadecimal`, hash);
    }
    entries.set(path, { path, bytes: length, sha256: hash });
  }
  if (!entries.has(configPath)) refuse(`files must have ${configPath}`, [...entries.keys()]);
  return entries;
}

/** The bytes of the files.json for `files`, by path. Throws `ModelFileError` for a path that is refused. */
export async function writeManifest(files: Iterable<readonly [path: string, bytes: Uint8Array]>): Promise<Uint8Array> {
  const entries: ManifestEntry[] = [];
  for (const [path, bytes] of files) {
    checkPath(path, "a model to write");
    entries.push({ path, bytes: bytes.length, sha256: await sha256(bytes) });
  }
  entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  return new TextEncoder().encode(`${JSON.stringify({ formatVersion, files: entries }, null, 2)}\n`);
}

/** Why `bytes` are not what `entry` says,  as rule and actual value; undefined if they are. */
export async function findMismatch(
  bytes: Uint8Array,
  entry: { readonly sha256: string; readonly bytes?: number },
): Promise<{ readonly code: "length-mismatch" | "hash-mismatch"; readonly reason: string } | undefined> {
  if (entry.bytes !== undefined && bytes.length !== entry.bytes) {
    return { code: "length-mismatch", reason: `it must have ${entry.bytes} bytes, it has ${bytes.length}` };
  }
  const actual = await sha256(bytes);
  if (actual === entry.sha256) return undefined;
  return { code: "hash-mismatch", reason: `its SHA-256 must be ${entry.sha256}, it is ${actual}` };
}
