// Which positions may attend to which: each pattern alone and in intersections, rows without any key among them.

import type { AttentionPattern } from "@saccade/attention-core";
import { type AttentionCase, attentionCase } from "./attention-case.ts";
import { drawBlocks, drawGraph } from "./graphs.ts";

const group = "attention: patterns";
const ragged: readonly number[] = [21, 1, 0, 50, 8];
const crossQueries: readonly number[] = [9, 4, 0, 30];
const crossKeys: readonly number[] = [13, 2, 5, 70];

const windows: readonly (readonly [left: number, right: number])[] = [
  [0, 0],
  [1, 0],
  [0, 1],
  [2, 3],
  [5, 0],
  [-1, 0],
  [0, -1],
  [4, -1],
  [-1, 4],
  [-1, -1],
  [8, 8],
  [15, 17],
  [200, 200],
];

/** The cases of this file. */
export function patternCases(): AttentionCase[] {
  const of = (name: string, pattern: AttentionPattern, cross = false): AttentionCase =>
    attentionCase({
      group,
      name: cross ? `${name}, cross` : name,
      queries: cross ? crossQueries : ragged,
      ...(cross ? { keys: crossKeys } : {}),
      pattern,
    });
  const both = (name: string, pattern: AttentionPattern): AttentionCase[] => [
    of(name, pattern),
    of(name, pattern, true),
  ];
  return [
    ...both("full", { kind: "full" }),
    ...both("causal", { kind: "causal" }),
    ...[-3, 0, 2, 100, -100].flatMap((offset) => both(`causal, offset ${offset}`, { kind: "causal", offset })),
    ...windows.flatMap(([left, right]) => both(`window ${left}, ${right}`, { kind: "window", left, right })),
    ...both("window 2, 1, offset 4", { kind: "window", left: 2, right: 1, offset: 4 }),
    ...both("window 3, 3 and causal", { kind: "all", of: [{ kind: "window", left: 3, right: 3 }, { kind: "causal" }] }),
    ...both("intersection of nothing", { kind: "all", of: [] }),
    ...both("rule: every third", { kind: "rule", permits: (query, key) => (query + key) % 3 === 0 }),
    ...both("rule: by set", { kind: "rule", permits: (query, key, set) => set % 2 === 1 || key >= query }),
    ...both("rule: never", { kind: "rule", permits: () => false }),
    ...both("rule: always", { kind: "rule", permits: () => true }),
    ...both("rule, causal and window", {
      kind: "all",
      of: [
        { kind: "rule", permits: (query, key) => key % 2 === query % 2 },
        { kind: "all", of: [{ kind: "causal" }, { kind: "window", left: 9, right: -1 }] },
      ],
    }),
    ...[1, 2, 3, 8, 13, 64].flatMap((size) => [
      attentionCase({
        group,
        name: `blocks of ${size}`,
        queries: ragged,
        pattern: (random) => drawBlocks(random, size, ragged),
      }),
      attentionCase({
        group,
        name: `blocks of ${size}, cross`,
        queries: crossQueries,
        keys: crossKeys,
        pattern: (random) => drawBlocks(random, size, crossQueries, crossKeys),
      }),
    ]),
    attentionCase({
      group,
      name: "blocks of 8 and causal",
      queries: ragged,
      pattern: (random) => ({ kind: "all", of: [drawBlocks(random, 8, ragged), { kind: "causal" }] }),
    }),
    attentionCase({
      group,
      name: "neighbours",
      queries: ragged,
      pattern: (random) => drawGraph(random, { queries: ragged }),
    }),
    attentionCase({
      group,
      name: "neighbours, repeated edges",
      queries: ragged,
      pattern: (random) => drawGraph(random, { queries: ragged, repeated: true }),
    }),
    attentionCase({
      group,
      name: "neighbours, hubs",
      queries: [70, 3],
      pattern: (random) => drawGraph(random, { queries: [70, 3], hub: true }),
    }),
    attentionCase({
      group,
      name: "neighbours, a hub of 3,000",
      queries: [1, 2],
      keys: [3000, 5],
      width: 4,
      pattern: (random) => drawGraph(random, { queries: [1, 2], keys: [3000, 5], hub: true }),
    }),
    attentionCase({
      group,
      name: "neighbours, no edge at all",
      queries: [5, 2],
      pattern: (random) => drawGraph(random, { queries: [5, 2], degree: 0 }),
    }),
    attentionCase({
      group,
      name: "neighbours, cross, grouped heads",
      queries: crossQueries,
      keys: crossKeys,
      heads: 6,
      kvHeads: 2,
      valueWidth: 5,
      pattern: (random) => drawGraph(random, { queries: crossQueries, keys: crossKeys, degree: 9 }),
    }),
    attentionCase({
      group,
      name: "neighbours and causal and a rule",
      queries: ragged,
      pattern: (random) => ({
        kind: "all",
        of: [
          drawGraph(random, { queries: ragged, degree: 12 }),
          { kind: "causal" },
          { kind: "rule", permits: (query, key) => query !== key },
        ],
      }),
    }),
    ...[1, 2, 3, 5, 7, 8, 12, 33, 64, 128].map((width) =>
      attentionCase({
        group,
        name: `neighbours, head width ${width}`,
        queries: [17, 6],
        width,
        valueWidth: width === 8 ? 3 : width,
        pattern: (random) => drawGraph(random, { queries: [17, 6], degree: 6 }),
      }),
    ),
  ];
}
