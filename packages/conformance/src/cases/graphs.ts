// Patterns that are drawn at random: graphs and block masks.

import type { AttentionPattern } from "@saccade/attention-core";
import type { Random } from "../random.ts";

/** What a drawn graph is like. */
export interface GraphSettings {
  /** Rows of each set of queries. */
  readonly queries: readonly number[];
  /** Rows of each set of keys; default those of the queries. */
  readonly keys?: readonly number[];
  /** Most neighbours of a query; each has 0 to so many. Default 4. */
  readonly degree?: number;
  /** The first query of each set has every key as a neighbour, and the first key is everyone's neighbour. */
  readonly hub?: boolean;
  /** Some edges stand twice. */
  readonly repeated?: boolean;
}

/** A graph over the sets, its edges in no particular order, some nodes isolated. */
export function drawGraph(random: Random, settings: GraphSettings): Extract<AttentionPattern, { kind: "neighbors" }> {
  const offsets = [0];
  const indices: number[] = [];
  settings.queries.forEach((queryCount, set) => {
    const keyCount = (settings.keys ?? settings.queries)[set]!;
    for (let query = 0; query < queryCount; query++) {
      indices.push(...drawNeighbors(random, settings, query, keyCount));
      offsets.push(indices.length);
    }
  });
  return { kind: "neighbors", offsets: Int32Array.from(offsets), indices: Int32Array.from(indices) };
}

function drawNeighbors(random: Random, settings: GraphSettings, query: number, keyCount: number): number[] {
  if (keyCount === 0) return [];
  if (settings.hub && query === 0) return Array.from({ length: keyCount }, (_, key) => keyCount - 1 - key);
  const chosen = new Set<number>();
  if (settings.hub) chosen.add(0);
  for (let count = random.integer(0, settings.degree ?? 4); count > 0; count--)
    chosen.add(random.integer(0, keyCount - 1));
  const neighbors = [...chosen];
  return settings.repeated && neighbors.length > 0 ? [...neighbors, neighbors[0]!] : neighbors;
}

/** Blocks of `size` × `size`, each permitted with probability one half, over sets of these lengths. */
export function drawBlocks(
  random: Random,
  size: number,
  queries: readonly number[],
  keys: readonly number[] = queries,
): Extract<AttentionPattern, { kind: "blocks" }> {
  const offsets = [0];
  const indices: number[] = [];
  queries.forEach((queryCount, set) => {
    for (let row = 0; row < Math.ceil(queryCount / size); row++) {
      for (let column = 0; column < Math.ceil(keys[set]! / size); column++) {
        if (random.uniform() < 0.5) indices.push(column);
      }
      offsets.push(indices.length);
    }
  });
  return { kind: "blocks", size, offsets: Int32Array.from(offsets), indices: Int32Array.from(indices) };
}
