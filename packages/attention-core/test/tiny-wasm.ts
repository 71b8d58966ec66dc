// A module with every export of our binaries, each of which does next to nothing, or traps: bytes by hand
// (WebAssembly Core Specification 2.0, section 5).

import { kernelNames } from "../src/wasm/kernels.ts";

const header = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const op = { unreachable: 0x00, localGet: 0x20, i32Store: 0x36, i32Const: 0x41, i32Add: 0x6a, i32Shl: 0x74, end: 0x0b };
/** The arguments of a kernel, by their places. */
const argument = { parameters: 0, from: 1, to: 2, scratch: 3 };

/** Bytes between two records of a `recordingModule`. */
export const recordBytes = 32;

/** Every kernel traps. */
export function trappingModule(shared: boolean): Uint8Array<ArrayBuffer> {
  return moduleOf(
    shared,
    kernelNames.map(() => [op.unreachable]),
  );
}

/**
 * Every kernel writes i32s at `parameters + 32 · from`: its own number plus one, then its arguments `parameters`,
 * `from`, `to`, `scratch`.
 */
export function recordingModule(shared: boolean): Uint8Array<ArrayBuffer> {
  const at = [op.localGet, argument.parameters, op.localGet, argument.from, op.i32Const, 5, op.i32Shl, op.i32Add];
  const store = (offset: number, value: readonly number[]): number[] => [...at, ...value, op.i32Store, 2, offset];
  const places = [argument.parameters, argument.from, argument.to, argument.scratch];
  return moduleOf(
    shared,
    kernelNames.map((_, number) => [
      ...places.flatMap((place, i) => store(4 * (i + 1), [op.localGet, place])),
      ...store(0, [op.i32Const, number + 1]),
    ]),
  );
}

/** A module that lacks all exports but the first. */
export function emptyModule(): Uint8Array<ArrayBuffer> {
  return moduleOf(false, [[]]);
}

function moduleOf(shared: boolean, bodies: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> {
  const i32 = 0x7f;
  const name = (text: string): number[] => [...leb(text.length), ...new TextEncoder().encode(text)];
  const list = (items: readonly (readonly number[])[]): number[] => [...leb(items.length), ...items.flat()];
  const section = (id: number, content: readonly number[]): number[] => [id, ...leb(content.length), ...content];
  const limits = [shared ? 3 : 1, ...leb(1), ...leb(65_536)];
  return Uint8Array.from([
    ...header,
    ...section(1, list([[0x60, ...list([[i32], [i32], [i32], [i32]]), 0]])),
    ...section(2, list([[...name("env"), ...name("memory"), 2, ...limits]])),
    ...section(3, list(bodies.map(() => [0]))),
    ...section(7, list(bodies.map((_, i) => [...name(kernelNames[i]!), 0, ...leb(i)]))),
    ...section(10, list(bodies.map((body) => [...leb(body.length + 2), 0, ...body, op.end]))),
  ]);
}

/** Unsigned LEB128. */
function leb(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...leb(Math.floor(value / 128))];
}
