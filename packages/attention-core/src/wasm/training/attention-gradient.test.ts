// Attention's gradient against the reference, and the same bits whatever the number of threads: for any shape, and for
// sets that are cut into several units.

import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { batchesWithPattern } from "../../../test/arbitraries.ts";
import { distance } from "../../../test/distance.ts";
import { drawValues } from "../../../test/models.ts";
import { differingBits } from "../../../test/wasm-work.ts";
import { compilePlan } from "../../compile-plan.ts";
import { asyncDispose, dispose } from "../../disposal.ts";
import type {
  AttentionBias,
  AttentionPattern,
  AttentionPlan,
  Tensor,
  TrainingAttentionOptions,
  TrainingBackend,
  TrainingWorkspace,
} from "../../index.ts";
import { offsetsOf } from "../../ragged.ts";
import { createReferenceTrainingBackend } from "../../reference/index.ts";
import { probeSimd } from "../loader.ts";
import { gradientFields, gradientParameters } from "./attention-gradient-parameters.ts";
import { createWasmTrainingBackend, type WasmTrainingBackend } from "./index.ts";

const reference = createReferenceTrainingBackend();
/** Backends whose bits must be the same: of one to four threads, for either kind of SIMD. */
const backends: WasmTrainingBackend[][] = [];

beforeAll(async () => {
  const { relaxed } = probeSimd();
  if (!relaxed) console.warn("Skipped: relaxed SIMD: this engine has none");
  for (const simd of relaxed ? (["plain", "relaxed"] as const) : (["plain"] as const)) {
    backends.push(await Promise.all([1, 2, 4].map((threads) => createWasmTrainingBackend({ simd, threads }))));
  }
});
afterAll(async () => {
  for (const backend of backends.flat()) await backend[asyncDispose]();
});

/** What is random about a call. */
interface Call {
  readonly kvHeads: number;
  readonly sharedBy: number;
  readonly width: number;
  readonly valueWidth: number;
  readonly score: "dot" | "tanh" | "leakyRelu";
  readonly normalizer: "softmax" | "relu" | "hard";
  readonly bias: "none" | "dense" | "dense, one head" | "alibi" | "relative" | "relative2d";
  readonly softcap: number;
  readonly rate: number;
  readonly seed: number;
}

const plainCall: Call = {
  kvHeads: 2,
  sharedBy: 1,
  width: 8,
  valueWidth: 8,
  score: "dot",
  normalizer: "softmax",
  bias: "none",
  softcap: 0,
  rate: 0,
  seed: 1,
};

const calls: fc.Arbitrary<Call> = fc.record({
  kvHeads: fc.integer({ min: 1, max: 4 }),
  sharedBy: fc.constantFrom(1, 1, 2, 3),
  width: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(1, 4, 8, 32, 256)),
  valueWidth: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(1, 4, 8, 32, 256)),
  score: fc.constantFrom("dot", "dot", "dot", "tanh", "leakyRelu"),
  normalizer: fc.constantFrom("softmax", "softmax", "softmax", "relu", "hard"),
  bias: fc.constantFrom("none", "none", "dense", "dense, one head", "alibi", "relative", "relative2d"),
  softcap: fc.constantFrom(0, 0, 0, 2.5),
  rate: fc.constantFrom(0, 0, 0.3, 0.9),
  seed: fc.nat(10_000),
});

function biasOf(
  call: Call,
  plan: AttentionPlan,
  upload: (salt: number, shape: readonly number[]) => Tensor,
): AttentionBias | null {
  const H = call.kvHeads * call.sharedBy;
  switch (call.bias) {
    case "none":
      return null;
    case "dense":
      return { kind: "dense", values: upload(11, [H * plan.densePairs]), heads: H };
    case "dense, one head":
      return { kind: "dense", values: upload(12, [plan.densePairs]), heads: 1 };
    case "alibi":
      return { kind: "alibi", slopes: upload(13, [H]) };
    case "relative":
      return { kind: "relative", table: upload(14, [H, 2 * 9 + 1]) };
    case "relative2d":
      return { kind: "relative2d", table: upload(15, [H, 5 * 7]), columns: 6, reach: [2, 3] };
    default:
      return call.bias satisfies never;
  }
}

interface Gradients {
  readonly values: readonly Float32Array[];
  /** What each of them may be off by, being a sum of numbers of that size. */
  readonly scales: readonly number[];
}

/** Gradients of q, k, v, bias and vector, as far as there are any. */
async function gradientsOf(
  backend: TrainingBackend,
  plan: AttentionPlan,
  call: Call,
  change?: (name: string, values: Float32Array) => void,
): Promise<Gradients> {
  const workspace: TrainingWorkspace = backend.workspace();
  try {
    const { kvHeads, width, valueWidth, seed, score, normalizer, softcap, rate } = call;
    const H = kvHeads * call.sharedBy;
    const [P, keyRows] = [plan.queryOffsets.at(-1)!, plan.keyOffsets.at(-1)!];
    const upload = (salt: number, shape: readonly number[], name = ""): Tensor => {
      const values = drawValues(seed + salt, shape.reduce((a, b) => a * b, 1)); // prettier-ignore
      change?.(name, values);
      return workspace.upload(values, shape);
    };
    const q = upload(21, [P, H * width], "q");
    const k = upload(22, [keyRows, kvHeads * width], "k");
    const v = upload(23, [keyRows, kvHeads * valueWidth], "v");
    const dy = upload(24, [P, H * valueWidth], "dy");
    const bias = biasOf(call, plan, upload);
    const options: TrainingAttentionOptions = {
      heads: H,
      kvHeads,
      score:
        score === "dot" ? { kind: "dot" } : { kind: "additive", vector: upload(25, [H, width]), activation: score },
      normalizer,
      softcap,
      dropout: { rate, seed },
      ...(bias === null ? {} : { bias }),
    };
    const softmax = normalizer === "softmax";
    const { output, maps } = workspace.attention(q, k, v, plan, {
      ...options,
      ...(softmax ? { maps: { logSumExp: true } } : {}),
    });
    const made = workspace.attentionGradient(q, k, v, plan, options, { output, logSumExp: maps.logSumExp ?? null }, dy);
    const tensors = [made.q, made.k, made.v, made.bias, made.vector].filter((x) => x !== null);
    const values = await Promise.all(tensors.map((x) => workspace.read(x)));
    // Gradients of scores are differences of numbers of this size, even where they come to 0.
    const size = 1 / (1 - rate);
    const sum = size * Math.max(1, Math.sqrt(plan.pairs)) * (call.bias === "alibi" ? plan.longestRow + 60 : 1);
    const scales = values.map((each, i) => each.reduce((most, x) => Math.max(most, Math.abs(x)), i < 3 ? size : sum));
    return { values, scales };
  } finally {
    workspace[dispose]();
  }
}

/** The gradients that are further from the reference than rounding explains, and those whose bits depend on threads. */
async function faultsOf(
  plan: AttentionPlan,
  call: Call,
  compared: (i: number) => boolean = () => true,
): Promise<string[]> {
  const expected = await gradientsOf(reference, plan, call);
  const faults: string[] = [];
  for (const opened of backends) {
    const results = await Promise.all(opened.map((backend) => gradientsOf(backend, plan, call)));
    for (const { values } of results.slice(1))
      faults.push(...differingBits(values, results[0]!.values).map((i) => `bits of ${i}`));
    results[0]!.values.forEach((values, i) => {
      if (!compared(i)) return;
      const error = distance(values, expected.values[i]!) / expected.scales[i]!;
      if (!(error < 3e-5)) faults.push(`${i} is off by ${error}`);
    });
  }
  return faults;
}

describe("attentionGradient() on WASM", () => {
  it("is that of the reference, the same bits for one to four threads", async () => {
    await fc.assert(
      fc.asyncProperty(batchesWithPattern(60), calls, async ({ queries, keys, pattern }, call) => {
        const plan = compilePlan(queries, keys, pattern);
        // A score near 0 may have the other sign in float32, and of two that are nearly equal the other may be chosen: then
        // gradients jump. The conformance suite draws inputs where that does not happen.
        const { normalizer } = call;
        const compared = (i: number): boolean => normalizer === "softmax" || (normalizer === "relu" && i === 2);
        expect(await faultsOf(plan, call, compared)).toEqual([]);
      }),
      { numRuns: 80 },
    );
  }, 240_000);

  const long: readonly [name: string, lengths: readonly number[], pattern: AttentionPattern, call: Partial<Call>][] = [
    ["full", [5, 250, 17], { kind: "full" }, { width: 256, valueWidth: 256, bias: "relative", rate: 0.2 }],
    ["causal", [400], { kind: "causal" }, { width: 256, valueWidth: 40, sharedBy: 2, kvHeads: 1 }],
    [
      "window",
      [900],
      { kind: "window", left: 80, right: 20 },
      { width: 250, valueWidth: 256, kvHeads: 1, bias: "alibi" },
    ],
    [
      "rule",
      [300],
      { kind: "rule", permits: (i, j) => (i + 2 * j) % 5 < 3 },
      { width: 256, valueWidth: 256, bias: "dense, one head" },
    ],
    ["additive", [100, 40], { kind: "full" }, { width: 64, valueWidth: 16, score: "tanh", bias: "relative2d" }],
    ["relu", [150], { kind: "causal" }, { width: 256, valueWidth: 128, normalizer: "relu", kvHeads: 4 }],
    ["hard", [150], { kind: "full" }, { width: 256, valueWidth: 128, normalizer: "hard", kvHeads: 4 }],
    ["softcap", [130], { kind: "full" }, { width: 256, valueWidth: 128, softcap: 3, rate: 0.5, kvHeads: 4 }],
  ];
  it.each(long)(
    "is so for sets that are cut: %s",
    async (_, lengths, pattern, call) => {
      const offsets = offsetsOf(lengths);
      expect(await faultsOf(compilePlan(offsets, offsets, pattern), { ...plainCall, ...call })).toEqual([]);
    },
    120_000,
  );

  it("keeps a set to its own gradients, whatever stands beside it", async () => {
    const call: Call = { ...plainCall, bias: "dense", width: 12 };
    const lengths = [30, 0, 51, 7];
    const [backend] = backends[0]!;
    const spoil = (name: string, values: Float32Array): void => {
      if (name !== "") values.fill(NaN, 0, (30 * values.length) / 88);
    };
    const offsets = offsetsOf(lengths);
    const plan = compilePlan(offsets, offsets, { kind: "causal" });
    const [clean, spoiled] = await Promise.all([
      gradientsOf(backend!, plan, call),
      gradientsOf(backend!, plan, call, spoil),
    ]);
    for (const i of [0, 1, 2]) {
      const rest = (values: Float32Array): Float32Array => values.subarray((30 * values.length) / 88);
      expect(differingBits([rest(spoiled.values[i]!)], [rest(clean.values[i]!)])).toEqual([]);
      expect(spoiled.values[i]!.subarray(0, 30).some(Number.isNaN)).toBe(true);
    }
  });

  it.each([
    ["q", 40],
    ["dy", 40],
    ["k", 20],
    ["v", 20],
  ])("lets a NaN in %s reach what may attend to it alone", async (spoiledInput, row) => {
    // Rows from 40 on attend to keys up to 19, earlier ones to keys from 20 on.
    const pattern: AttentionPattern = { kind: "rule", permits: (query, key) => query >= 40 === key < 20 };
    const offsets = offsetsOf([60]);
    const plan = compilePlan(offsets, offsets, pattern);
    const spoil = (name: string, values: Float32Array): void => {
      const width = values.length / 60;
      if (name === spoiledInput) values.fill(NaN, row * width, (row + 1) * width);
    };
    const [backend] = backends[0]!;
    const { values } = await gradientsOf(backend!, plan, plainCall, spoil);
    const [dq, dk, dv] = values.map((each) =>
      Array.from({ length: 60 }, (_, r) => each.subarray(r * 16, r * 16 + 16).some(Number.isNaN)),
    );
    const isRowOfPart = (r: number): boolean => (row === 40 ? r >= 40 : r < 40);
    const isKeyOfPart = (r: number): boolean => (row === 40 ? r < 20 : r >= 20);
    expect(dq!.every((spoiled, r) => !spoiled || isRowOfPart(r))).toBe(true);
    expect(dk!.every((spoiled, r) => !spoiled || isKeyOfPart(r))).toBe(true);
    expect(dv!.every((spoiled, r) => !spoiled || isKeyOfPart(r))).toBe(true);
    expect([...dq!, ...dk!].some((spoiled) => spoiled)).toBe(true);
  });

  it("takes memory in proportion to rows", async () => {
    const backend = await createWasmTrainingBackend({ threads: 1 });
    const peakOf = async (rows: number): Promise<number> => {
      const offsets = offsetsOf([rows]);
      await gradientsOf(backend, compilePlan(offsets, offsets, { kind: "full" }), {
        ...plainCall,
        kvHeads: 1,
        bias: "relative",
      });
      return backend.peakBytes;
    };
    const few = await peakOf(1000);
    const many = await peakOf(4000);
    // 16 values of a row of 8 and 4 bytes each; 4,000 · 4,000 would be 64 MB.
    expect(many - few).toBeLessThan(3000 * 8 * 4 * 16);
    await backend[asyncDispose]();
  });
});

describe("gradientFields", () => {
  it("are the fields of the kernels' class AttentionGradient, in its order, four bytes each", async () => {
    const text = await readFile(
      new URL("../kernels/training/attention-gradient-parameters.ts", import.meta.url),
      "utf8",
    );
    const body = /\bclass AttentionGradient \{(.*?)\n\}/s.exec(text)![1]!;
    const fields = [...body.matchAll(/^ {2}(\w+): (\w+);/gm)].map(([, name, type]) => ({ name, type }));
    expect(fields.map(({ name }) => name)).toEqual([...gradientFields]);
    expect(fields.filter(({ type }) => !["usize", "i32"].includes(type!))).toEqual([]);
    expect([...gradientParameters({ output: 7, careful: 1 })]).toEqual(
      gradientFields.map((name) => ({ output: 7, careful: 1 })[name as string] ?? 0),
    );
  });
});
