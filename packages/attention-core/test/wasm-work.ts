// Work for the WASM backend, a look inside it, and a clock that notices when the event loop is kept waiting.

import type { AttentionPattern, MapRequest, Tensor, Workspace } from "../src/index.ts";
import { dispose } from "../src/disposal.ts";
import { offsetsOf } from "../src/ragged.ts";
import type { Executor } from "../src/wasm/executor.ts";
import type { WasmBackend } from "../src/wasm/index.ts";
import { drawValues } from "./models.ts";

/** What drives a backend's kernels; not public. */
export function executorOf(backend: WasmBackend): Executor {
  return (backend as unknown as { readonly executor: Executor }).executor;
}

/** Numbers in [-1, 1): 4,099 of them over and over, for arrays too large to be drawn one by one. */
export function repeatedValues(size: number, seed = 5): Float32Array {
  const values = new Float32Array(size);
  const few = drawValues(seed, Math.min(size, 4099));
  for (let from = 0; from < size; from += few.length) values.set(few.subarray(0, size - from), from);
  return values;
}

/** Runs `body` in a workspace and disposes it afterwards, come what may. */
export async function withWorkspace<T>(
  backend: WasmBackend,
  body: (workspace: Workspace) => T | Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const workspace = backend.workspace(signal);
  try {
    return await body(workspace);
  } finally {
    workspace[dispose]();
  }
}

/** How large `submitLayer` is. */
export interface LayerSize {
  readonly lengths: readonly number[];
  readonly heads: number;
  readonly width: number;
}

/** Layers of different kinds of work, all small. */
export const smallLayer: LayerSize = { lengths: [13, 0, 24, 5], heads: 2, width: 8 };
/** Large enough for several threads to share the work of a kernel. */
export const sharedLayer: LayerSize = { lengths: [150, 33, 90], heads: 4, width: 32 };

const maps: MapRequest = { columnSums: true, entropy: true, logSumExp: true, topK: 3 };

/** A layer with every kind of kernel in it: projections, attention of all forms with maps, norms, pooling. */
export function submitLayer(backend: WasmBackend, workspace: Workspace, size: LayerSize): Tensor[] {
  const { heads } = size;
  const width = heads * size.width;
  const offsets = offsetsOf(size.lengths);
  const P = offsets.at(-1)!;
  const weight = (seed: number, shape: readonly [number, number]): Tensor =>
    workspace.upload(drawValues(seed, shape[0] * shape[1]), shape);
  const x = workspace.upload(drawValues(1, P * width), [P, width]);
  const q = workspace.linear(x, weight(2, [width, width]));
  const results: Tensor[] = [q];
  for (const pattern of patternsOver(size.lengths)) {
    const options = { heads, maps: pattern.kind === "neighbors" ? { edges: true, entropy: true } : maps };
    const { output, maps: made } = workspace.attention(q, x, x, backend.plan(offsets, offsets, pattern), options);
    results.push(output, made.entropy!, made.topK?.weights ?? made.edges!);
  }
  const hidden = workspace.linear(results[1]!, weight(3, [width, 2 * width]), null, "gelu");
  const gain = workspace.upload(drawValues(4, 2 * width), [2 * width]);
  const normed = workspace.layerNorm(hidden, gain, null, 1e-5);
  results.push(normed, workspace.pool(normed, offsets, "mean"), workspace.softmax(workspace.add(normed, hidden)));
  return results;
}

/** One pattern of each form: ranges, segments, edges. */
function patternsOver(lengths: readonly number[]): AttentionPattern[] {
  const rows = lengths.flatMap((length) => Array.from({ length }, (_, row) => [0, row, length - 1]));
  return [
    { kind: "full" },
    { kind: "window", left: 7, right: 2 },
    { kind: "rule", permits: (query, key) => (query + 2 * key) % 3 !== 0 },
    { kind: "neighbors", offsets: offsetsOf(rows.map((row) => row.length)), indices: Int32Array.from(rows.flat()) },
  ];
}

/** The values of `submitLayer`. */
export async function runLayer(backend: WasmBackend, size: LayerSize, signal?: AbortSignal): Promise<Float32Array[]> {
  return withWorkspace(
    backend,
    (workspace) => Promise.all(submitLayer(backend, workspace, size).map((x) => workspace.read(x))),
    signal,
  );
}

/** Full attention of `positions` to themselves, `heads` of 64: the result is to be read or not. */
export function submitLong(backend: WasmBackend, workspace: Workspace, positions: number, heads = 8): Tensor {
  const offsets = Int32Array.of(0, positions);
  const x = workspace.upload(repeatedValues(positions * heads * 64), [positions, heads * 64]);
  return workspace.attention(x, x, x, backend.plan(offsets, offsets, { kind: "full" }), { heads }).output;
}

/** The places at which two lists of arrays differ by a bit; "lengths" where the lists do not match. */
export function differingBits(
  actual: readonly (Float32Array | Int32Array)[],
  expected: readonly (Float32Array | Int32Array)[],
): (number | "lengths")[] {
  if (actual.length !== expected.length) return ["lengths"];
  return actual.flatMap((values, i) => (sameBits(values, expected[i]!) ? [] : [i]));
}

function sameBits(a: Float32Array | Int32Array, b: Float32Array | Int32Array): boolean {
  if (a.length !== b.length) return false;
  const [first, second] = [a, b].map((x) => new Int32Array(x.buffer, x.byteOffset, x.length));
  return first!.every((value, i) => value === second![i]);
}

/** How long timers had to wait, in ms. */
export interface Waits {
  readonly longest: number;
  /** Half of the time was spent in waits no longer than this: one busy moment of the machine does not move it. */
  readonly usual: number;
}

/** Ticks as often as timers may, until it is stopped. */
export function watchEventLoop(): { stop(): Waits } {
  const waits: number[] = [];
  let last = performance.now();
  const tick = (): void => {
    const now = performance.now();
    waits.push(now - last);
    last = now;
  };
  const timer = setInterval(tick, 1);
  return {
    stop: () => {
      clearInterval(timer);
      tick();
      waits.sort((a, b) => a - b);
      let half = waits.reduce((sum, wait) => sum + wait, 0) / 2;
      return { longest: waits.at(-1)!, usual: waits.find((wait) => (half -= wait) <= 0)! };
    },
  };
}

/** The least waits of up to six attempts: machines are busy. No more are made once none of the waits is above `bound`. */
export async function leastWaits(bound: number, attempt: () => Promise<Waits>): Promise<Waits> {
  const all: Waits[] = [];
  do all.push(await attempt());
  while (all.length < 6 && all.at(-1)!.longest > bound);
  return {
    longest: Math.min(...all.map(({ longest }) => longest)),
    usual: Math.min(...all.map(({ usual }) => usual)),
  };
}

/** Resolves after `ms`. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
