// Sizes: sets of every awkward length, empty ones among them, and heads of every awkward width.

import { type AttentionCase, attentionCase } from "./attention-case.ts";

/** Lengths around the edges of the tiles that kernels are made of: 4, 6, 8, 12, 16, 32, 48, 64, 96, 128. */
export const edgeLengths: readonly number[] = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 16, 17, 31, 33, 47, 48, 49, 64, 65, 95, 96, 97, 127, 129, 200,
];

/** D of a head, and beside it another width for its values. */
const widths: readonly (readonly [width: number, valueWidth: number])[] = [
  [1, 1],
  [1, 5],
  [2, 2],
  [2, 3],
  [3, 3],
  [3, 16],
  [4, 4],
  [4, 1],
  [5, 5],
  [5, 8],
  [7, 7],
  [7, 2],
  [8, 8],
  [8, 24],
  [16, 16],
  [16, 7],
  [24, 24],
  [24, 33],
  [33, 33],
  [33, 4],
  [64, 64],
  [64, 80],
  [80, 80],
  [80, 64],
  [128, 128],
  [128, 256],
  [256, 256],
  [256, 128],
];

const group = "attention: shapes";

/** The cases of this file. */
export function shapeCases(): AttentionCase[] {
  return [
    ...edgeLengths.flatMap((length) => [
      attentionCase({ group, name: `${length} rows, full`, queries: [length] }),
      attentionCase({ group, name: `${length} rows, causal`, queries: [length], pattern: { kind: "causal" } }),
      attentionCase({
        group,
        name: `${length} rows, window`,
        queries: [length],
        pattern: { kind: "window", left: 3, right: 2 },
      }),
      attentionCase({ group, name: `${length} queries, 7 keys`, queries: [length], keys: [7], width: 5 }),
      attentionCase({
        group,
        name: `7 queries to ${length} keys`,
        queries: [7],
        keys: [length],
        width: 4,
        valueWidth: 12,
      }),
    ]),
    ...widths.map(([width, valueWidth]) =>
      attentionCase({
        group,
        name: `head width ${width}, value width ${valueWidth}`,
        queries: [19, 0, 3],
        width,
        valueWidth,
      }),
    ),
    ...widths
      .filter(([width, valueWidth]) => width === valueWidth)
      .map(([width]) =>
        attentionCase({
          group,
          name: `head width ${width}, causal, grouped heads`,
          queries: [9, 21],
          heads: 4,
          kvHeads: 2,
          width,
          pattern: { kind: "causal" },
        }),
      ),
    attentionCase({ group, name: "one head", queries: [13, 30], heads: 1, width: 16 }),
    attentionCase({ group, name: "twelve heads", queries: [13, 30], heads: 12, width: 16 }),
    attentionCase({ group, name: "grouped heads, 6 over 3", queries: [13, 30], heads: 6, kvHeads: 3 }),
    attentionCase({
      group,
      name: "grouped heads, 9 over 3, value width 10",
      queries: [4, 11],
      heads: 9,
      kvHeads: 3,
      valueWidth: 10,
    }),
    attentionCase({ group, name: "one key head for 8", queries: [13, 30], heads: 8, kvHeads: 1, width: 16 }),
    attentionCase({ group, name: "ragged with empty sets and sets of one", queries: [0, 1, 5, 0, 0, 17, 1, 64, 2, 0] }),
    attentionCase({
      group,
      name: "many small sets",
      queries: Array.from({ length: 60 }, (_, set) => 1 + ((set * 7) % 11)),
    }),
    attentionCase({ group, name: "no sets", queries: [] }),
    attentionCase({ group, name: "only empty sets", queries: [0, 0, 0] }),
    attentionCase({ group, name: "cross-attention, ragged", queries: [3, 0, 9, 5, 1], keys: [8, 4, 0, 13, 1] }),
    attentionCase({
      group,
      name: "cross-attention, more queries than keys",
      queries: [40, 20],
      keys: [7, 3],
      pattern: { kind: "causal" },
    }),
    attentionCase({
      group,
      name: "cross-attention, one query with a cache",
      queries: [1, 1, 1],
      keys: [50, 1, 97],
      pattern: { kind: "causal" },
    }),
    attentionCase({ group, name: "keys but no queries", queries: [0, 2], keys: [5, 2], maps: { columnSums: true } }),
  ];
}
