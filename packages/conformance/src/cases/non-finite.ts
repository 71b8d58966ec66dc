// NaN, infinities and huge logits: behind a mask they leave no trace; in the open they spoil their own row alone.

import { type AttentionPattern, offsetsOf } from "@saccade/attention-core";
import type { DenseInput } from "../dense/attention.ts";
import { permittedKeys } from "../dense/permitted.ts";
import type { Random } from "../random.ts";
import { type AttentionCase, attentionCase } from "./attention-case.ts";
import type { AttentionSpec, Inputs } from "./attention-spec.ts";
import { drawGraph } from "./graphs.ts";

const group = "attention: not finite";
const heads = 2;
const width = 8;

/** Patterns under which the keys at 10 and 11 of each set are nobody's, and the sets that they are tried on. */
const hidden: Readonly<
  Record<
    string,
    { readonly pattern: AttentionPattern; readonly queries: readonly number[]; readonly keys: readonly number[] }
  >
> = {
  causal: { pattern: { kind: "causal", offset: 0 }, queries: [10, 3], keys: [20, 12] },
  window: { pattern: { kind: "window", left: 3, right: 0, offset: 0 }, queries: [9, 10], keys: [12, 31] },
  rule: { pattern: { kind: "rule", permits: (_, key) => key !== 10 && key !== 11 }, queries: [17, 3], keys: [17, 40] },
  blocks: {
    pattern: { kind: "blocks", size: 10, offsets: Int32Array.of(0, 1, 2, 4), indices: Int32Array.of(0, 0, 0, 2) },
    queries: [20, 5],
    keys: [20, 26],
  },
};

/** Overwrites the rows `keys` of each set by `value`, in k, in v, or in both. */
function poison(
  inputs: Inputs,
  keyLengths: readonly number[],
  keys: readonly number[],
  value: number,
  where: "k" | "v" | "both",
): void {
  const offsets = offsetsOf(keyLengths);
  for (let set = 0; set < keyLengths.length; set++) {
    for (const key of keys) {
      if (key >= keyLengths[set]!) continue;
      const row = offsets[set]! + key;
      if (where !== "v") inputs.k.fill(value, row * heads * width, (row + 1) * heads * width);
      if (where !== "k") inputs.v.fill(value, row * heads * width, (row + 1) * heads * width);
    }
  }
}

function behindMask(): AttentionCase[] {
  const cases: AttentionCase[] = [];
  for (const value of [NaN, Infinity, -Infinity, 3e38]) {
    for (const where of ["k", "v", "both"] as const) {
      for (const [name, { pattern, queries, keys }] of Object.entries(hidden)) {
        cases.push(
          attentionCase({
            group,
            name: `${value} in ${where} behind ${name}`,
            queries,
            keys,
            pattern,
            heads,
            width,
            maps: { columnSums: true, topK: 2, entropy: true, logSumExp: true },
            change: (inputs) => poison(inputs, keys, [10, 11], value, where),
          }),
        );
      }
      cases.push(
        attentionCase({
          group,
          name: `${value} in ${where} behind neighbours`,
          queries: [14, 9],
          heads,
          width,
          maps: { edges: true },
          pattern: (random) => withoutKeys(random, [14, 9], [4, 5]),
          change: (inputs) => poison(inputs, [14, 9], [4, 5], value, where),
        }),
        attentionCase({
          group,
          name: `${value} in ${where} behind a bias of -Infinity`,
          queries: [18, 12],
          heads,
          width,
          bias: "dense",
          maps: { columnSums: true, logSumExp: true },
          change: (inputs) => {
            poison(inputs, [18, 12], [10, 11], value, where);
            forbidKeys(inputs.bias!, [18, 12], [10, 11]);
          },
        }),
      );
    }
  }
  return cases;
}

function withoutKeys(random: Random, lengths: readonly number[], keys: readonly number[]): AttentionPattern {
  const graph = drawGraph(random, { queries: lengths, degree: 6 });
  return { ...graph, indices: graph.indices.map((key) => (keys.includes(key) ? 0 : key)) };
}

function forbidKeys(bias: Float32Array, lengths: readonly number[], keys: readonly number[]): void {
  let pairsBefore = 0;
  for (const length of lengths) {
    for (let row = 0; row < heads * length; row++)
      for (const key of keys) bias[pairsBefore + row * length + key] = -Infinity;
    pairsBefore += heads * length * length;
  }
}

function inTheOpen(): AttentionCase[] {
  const lengths = [13, 6, 20];
  const spoil =
    (array: "q" | "k" | "v"): AttentionSpec["change"] =>
    (inputs) => {
      // Head 0 of the third row of the second set.
      inputs[array].fill(NaN, (13 + 2) * heads * width, (13 + 2) * heads * width + width);
    };
  return [
    attentionCase({
      group,
      name: "NaN in a query spoils its own row and head",
      queries: lengths,
      heads,
      width,
      change: spoil("q")!,
    }),
    attentionCase({
      group,
      name: "NaN in a key spoils the rows that attend to it",
      queries: lengths,
      heads,
      width,
      pattern: { kind: "causal" },
      change: spoil("k")!,
    }),
    attentionCase({
      group,
      name: "NaN in a value spoils the rows that attend to it",
      queries: lengths,
      heads,
      width,
      pattern: { kind: "window", left: 1, right: 1 },
      change: spoil("v")!,
    }),
    attentionCase({
      group,
      name: "NaN in a key spoils the rows that attend to it, neighbours",
      queries: lengths,
      heads,
      width,
      pattern: (random) => drawGraph(random, { queries: lengths }),
      change: spoil("k")!,
    }),
    attentionCase({
      group,
      name: "NaN in a key spoils the rows that attend to it, rule",
      queries: lengths,
      heads,
      width,
      pattern: { kind: "rule", permits: (query, key) => key < query },
      change: spoil("k")!,
    }),
    attentionCase({
      group,
      name: "NaN in a bias behind a causal mask leaves no trace",
      queries: [9],
      heads,
      width,
      bias: "dense",
      pattern: { kind: "causal" },
      change: ({ bias }) => bias!.forEach((_, i) => i % 9 > Math.floor(i / 9) % 9 && (bias![i] = NaN)),
    }),
    attentionCase({
      group,
      name: "a query whose keys a bias all forbids gives zeros",
      queries: [12, 5],
      heads,
      width,
      bias: "dense",
      maps: { logSumExp: true, entropy: true, columnSums: true, topK: 2 },
      change: ({ bias }) => bias!.fill(-Infinity, 3 * 12, 5 * 12),
    }),
  ];
}

/** Integers, so that the huge scores are exact in float32 and the expected weights can be computed at all. */
function hugeLogits(): AttentionCase[] {
  const integers = ({ q, k }: Inputs, random: Random): void => {
    for (let i = 0; i < q.length; i++) q[i] = random.integer(-35, 35);
    for (let i = 0; i < k.length; i++) k[i] = random.integer(-35, 35);
  };
  const maps = { logSumExp: true, entropy: true, columnSums: true };
  return [
    attentionCase({
      group,
      name: "logits up to 1e4",
      queries: [30, 7],
      heads,
      width,
      scale: 1,
      change: integers,
      maps,
    }),
    attentionCase({
      group,
      name: "logits up to 1e4, causal",
      queries: [30, 7],
      heads,
      width,
      scale: 1,
      change: integers,
      pattern: { kind: "causal" },
      maps,
    }),
    attentionCase({
      group,
      name: "logits up to 1e4, long rows",
      queries: [9],
      keys: [250],
      heads,
      width,
      scale: 1,
      change: integers,
      maps,
    }),
    attentionCase({
      group,
      name: "logits up to 1e4, neighbours",
      queries: [30, 7],
      heads,
      width,
      scale: 1,
      change: integers,
      pattern: (random) => drawGraph(random, { queries: [30, 7] }),
      maps,
    }),
    attentionCase({
      group,
      name: "logits up to 1e4, softcap 50",
      queries: [30, 7],
      heads,
      width,
      scale: 1,
      softcap: 50,
      change: integers,
    }),
    attentionCase({
      group,
      name: "all logits near -1e4",
      queries: [20],
      heads,
      width,
      scale: 1,
      change: (inputs, random) => {
        inputs.q.fill(35);
        for (let i = 0; i < inputs.k.length; i++) inputs.k[i] = -random.integer(34, 36);
      },
      maps,
    }),
  ];
}

/** The cases of this file. */
export function nonFiniteCases(): AttentionCase[] {
  for (const { pattern, queries, keys } of Object.values(hidden)) assertHidden(pattern, queries, keys);
  return [...behindMask(), ...inTheOpen(), ...hugeLogits()];
}

/** Guards the table above: a pattern that shows a poisoned key would test nothing. */
function assertHidden(pattern: AttentionPattern, queries: readonly number[], keys: readonly number[]): void {
  const permitted: DenseInput["permitted"] = permittedKeys(pattern, offsetsOf(queries), offsetsOf(keys));
  if (permitted.flat().some(({ key }) => key === 10 || key === 11))
    throw new Error("a case shows the keys that it means to hide");
}
