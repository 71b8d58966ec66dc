// Which of four binaries to run, and its compiled module.

import { BackendUnavailableError } from "../errors.ts";
import { builtinModule } from "./node.ts";

/** The binaries: with plain or relaxed SIMD, for a memory of one thread or a shared one. */
export type BinaryName = "simd" | "simd-shared" | "relaxed" | "relaxed-shared";

/** Where a binary comes from: its bytes, or a response whose body they are. */
export type BinarySource = (name: BinaryName) => Promise<BufferSource | Response>;

/** Where the four binaries lie that came with this package. */
export type BinaryUrl = (name: BinaryName) => URL;

/** Whether this engine takes SIMD, and relaxed SIMD. Node 20 has the latter behind a flag, which is set here. */
export function probeSimd(): { readonly simd: boolean; readonly relaxed: boolean } {
  const add = [253, 228, 1];
  const relaxedMadd = [253, 133, 2];
  const simd = WebAssembly.validate(vectorFunction(2, add));
  let relaxed = WebAssembly.validate(vectorFunction(3, relaxedMadd));
  if (simd && !relaxed) {
    builtinModule<{ setFlagsFromString(flag: string): void }>("node:v8")?.setFlagsFromString(
      "--experimental-wasm-relaxed-simd",
    );
    relaxed = WebAssembly.validate(vectorFunction(3, relaxedMadd));
  }
  return { simd, relaxed };
}

/** A module whose one function applies `instruction` to zero vectors and returns the result. */
function vectorFunction(operands: number, instruction: readonly number[]): Uint8Array<ArrayBuffer> {
  const zeroVector = [65, 0, 253, 17]; // i32.const 0, i32x4.splat
  const body = [0, ...Array.from({ length: operands }, () => zeroVector).flat(), ...instruction, 11];
  const section = [1, body.length, ...body];
  return new Uint8Array([
    0,
    97,
    115,
    109,
    1,
    0,
    0,
    0,
    1,
    5,
    1,
    96,
    0,
    1,
    123,
    3,
    2,
    1,
    0,
    10,
    section.length,
    ...section,
  ]);
}

const compiled = new Map<string, Promise<WebAssembly.Module>>();

/** The module of a binary, from `source` or else from its URL, and then compiled once. Throws `BackendUnavailableError` when it cannot be had. */
export function loadModule(
  name: BinaryName,
  source: BinarySource | undefined,
  urlOf: BinaryUrl,
): Promise<WebAssembly.Module> {
  if (source !== undefined) return compile(name, source);
  const url = urlOf(name);
  const known = compiled.get(url.href);
  if (known !== undefined) return known;
  const module = compile(name, () => readBinary(url));
  compiled.set(url.href, module);
  module.catch(() => compiled.delete(url.href)); // the next call tries again
  return module;
}

async function compile(name: BinaryName, source: BinarySource): Promise<WebAssembly.Module> {
  try {
    const bytes = await source(name);
    if (!(bytes instanceof Response)) return await WebAssembly.compile(bytes);
    if (!bytes.ok) throw new Error(`${bytes.url} answered ${bytes.status}`);
    return await WebAssembly.compile(await bytes.arrayBuffer());
  } catch (error) {
    throw new BackendUnavailableError(`Cannot load the WASM binary "${name}"`, [String(error)], { cause: error });
  }
}

async function readBinary(url: URL): Promise<BufferSource | Response> {
  const files =
    url.protocol === "file:"
      ? builtinModule<{ readFile(file: URL): Promise<Uint8Array<ArrayBuffer>> }>("node:fs/promises")
      : null;
  return files === null ? fetch(url) : files.readFile(url);
}
