// The four binaries and any number of threads, in Node: the whole suite on each, and bit by bit the same results for
// one thread and several.

import { asyncDispose, type Backend, offsetsOf } from "@saccade/attention-core";
import { createWasmBackend, type WasmBackendOptions } from "@saccade/attention-core/wasm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { backendCases, compare, runBackendCase, tolerance } from "../src/index.ts";
import { seeded } from "../src/random.ts";
import { recorded } from "./recorded.ts";

const variants: readonly WasmBackendOptions[] = [
  { simd: "plain", threads: 1 },
  { simd: "plain", threads: 2 },
  { simd: "relaxed", threads: 1 },
  { simd: "relaxed", threads: 2 },
  { simd: "relaxed", threads: 3 },
];

const nameOf = ({ simd, threads }: WasmBackendOptions): string => `${simd}, ${threads} threads`;
const backends = new Map<string, Backend>();
const unavailable = new Map<string, string>();

beforeAll(async () => {
  for (const variant of variants) {
    try {
      backends.set(nameOf(variant), await createWasmBackend(variant));
    } catch (error) {
      if ((error as Error).name !== "BackendUnavailableError") throw error;
      unavailable.set(nameOf(variant), (error as Error).message);
    }
  }
});
afterAll(async () => {
  for (const backend of backends.values()) await backend[asyncDispose]();
});

/** The backend, or a note in the log why this engine has none. */
function backendOf(name: string): Backend | null {
  const reason = unavailable.get(name);
  if (reason !== undefined) console.warn(`Skipped: ${name}: ${reason}`);
  return backends.get(name) ?? null;
}

describe.each(variants)("wasm, $simd, $threads threads", (variant) => {
  test("passes every case", async () => {
    const backend = backendOf(nameOf(variant));
    if (backend === null) return;
    const failed: string[] = [];
    for (const each of backendCases()) {
      const { status, reason } = await runBackendCase(each, backend, () => createWasmBackend(variant), {
        bitwise: true,
      });
      if (status === "fail") failed.push(`${each.group}: ${each.name}: ${reason}`);
    }
    expect(failed).toEqual([]);
  });
});

/** Large enough that the work is shared out among the threads. */
async function runLarge(backend: Backend): Promise<Float32Array[]> {
  const random = seeded("threads");
  using workspace = backend.workspace();
  const offsets = offsetsOf([300, 17, 0, 401, 64]);
  const P = offsets.at(-1)!;
  const x = workspace.upload(random.normals(P * 256), [P, 256]);
  const weight = (I: number, O: number): typeof x => workspace.upload(random.normals(I * O, 1 / Math.sqrt(I)), [I, O]);
  const [q, k, v] = [
    workspace.linear(x, weight(256, 256)),
    workspace.linear(x, weight(256, 128)),
    workspace.linear(x, weight(256, 128)),
  ];
  const degrees = Array.from({ length: P }, () => random.integer(0, 30));
  const lengths = [300, 17, 0, 401, 64].flatMap((length) => Array.from({ length }, () => length));
  const graph = {
    kind: "neighbors",
    offsets: offsetsOf(degrees),
    indices: Int32Array.from(
      degrees.flatMap((degree, row) => Array.from({ length: degree }, () => random.integer(0, lengths[row]! - 1))),
    ),
  } as const;
  const results: Promise<Float32Array>[] = [];
  for (const pattern of [
    { kind: "full" },
    { kind: "causal" },
    { kind: "window", left: 40, right: 10 },
    { kind: "rule", permits: (query: number, key: number) => (query ^ key) % 5 !== 0 },
    graph,
  ] as const) {
    const { output, maps } = workspace.attention(q, k, v, backend.plan(offsets, offsets, pattern), {
      heads: 8,
      kvHeads: 4,
      maps: { columnSums: true, logSumExp: true, entropy: true, topK: 4, rows: Int32Array.of(3, 500) },
    });
    const hidden = workspace.linear(output, weight(256, 512), null, "gelu");
    results.push(
      ...[output, maps.columnSums!, maps.logSumExp!, maps.entropy!, maps.topK!.weights, maps.rows!, hidden].map(
        (tensor) => workspace.read(tensor),
      ),
    );
  }
  return await Promise.all(results);
}

describe("results of a large batch", () => {
  for (const simd of ["plain", "relaxed"] as const) {
    test(`are the same bits for 1, 2 and 3 threads, ${simd}`, async () => {
      const one = backendOf(`${simd}, 1 threads`);
      if (one === null) return;
      const expected = await runLarge(one);
      for (const threads of [2, 3]) {
        const several = backendOf(`${simd}, ${threads} threads`);
        if (several === null) continue;
        for (let run = 0; run < 3; run++) {
          const actual = await runLarge(several);
          expect(differences(actual, expected)).toEqual([]);
        }
      }
    });
  }

  test("are close between plain and relaxed SIMD", async () => {
    const [plain, relaxed] = [backendOf("plain, 1 threads"), backendOf("relaxed, 1 threads")];
    if (plain === null || relaxed === null) return;
    const [first, second] = [await runLarge(plain), await runLarge(relaxed)];
    const errors = first.map((values, i) => compare(values, second[i]!).error);
    expect(Math.max(...errors)).toBeLessThan(tolerance);
  });
});

test("every case reads the same bits with two threads as with one", async () => {
  const [one, two] = [backendOf("plain, 1 threads")!, backendOf("plain, 2 threads")!];
  const numeric = backendCases().filter(({ group }) => group.startsWith("attention") || group.startsWith("rows"));
  const differing: string[] = [];
  for (const each of numeric) {
    const [first, second] = [recorded(one), recorded(two)];
    await runBackendCase(each, first.backend, () => one);
    await runBackendCase(each, second.backend, () => two);
    if (differences(second.reads, first.reads).length > 0) differing.push(`${each.group}: ${each.name}`);
  }
  expect(differing).toEqual([]);
});

/** The indices of arrays that do not hold the same bits. */
function differences(actual: readonly ArrayLike<number>[], expected: readonly ArrayLike<number>[]): number[] {
  const same = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
    a.length === b.length && Array.prototype.every.call(a, (value, i) => Object.is(value, b[i]));
  return actual.length === expected.length
    ? actual.flatMap((values, i) => (same(values, expected[i]!) ? [] : [i]))
    : [-1];
}
