// Random batches and patterns for property tests, and what a pattern means, pair by pair, with no regard to speed.
import fc from "fast-check";
import type { AttentionPattern } from "../src/pattern.ts";
import { offsetsOf } from "../src/ragged.ts";

/** Sets of queries and keys. */
export interface Batch {
  readonly queries: Int32Array;
  readonly keys: Int32Array;
}

/** Batches of up to four sets of up to `longest` rows, empty ones among them. */
export function batches(longest = 20): fc.Arbitrary<Batch> {
  const length = fc.integer({ min: 0, max: longest });
  return fc.oneof(
    fc.array(length, { maxLength: 4 }).map((lengths) => ({ queries: offsetsOf(lengths), keys: offsetsOf(lengths) })),
    fc.array(fc.tuple(length, length), { maxLength: 4 }).map((pairs) => ({
      queries: offsetsOf(pairs.map(([queries]) => queries)),
      keys: offsetsOf(pairs.map(([, keys]) => keys)),
    })),
  );
}

/** A batch and a pattern for it, intersections of intersections among them. */
export function batchesWithPattern(longest = 20): fc.Arbitrary<Batch & { readonly pattern: AttentionPattern }> {
  return batches(longest).chain((batch) => patterns(batch).map((pattern) => ({ ...batch, pattern })));
}

export function patterns(batch: Batch, depth = 2): fc.Arbitrary<AttentionPattern> {
  const offset = fc.option(fc.integer({ min: -8, max: 8 }), { nil: undefined });
  const side = fc.integer({ min: -1, max: 8 });
  const leaves: fc.Arbitrary<AttentionPattern>[] = [
    fc.constant({ kind: "full" }),
    offset.map((by) => (by === undefined ? { kind: "causal" } : { kind: "causal", offset: by })),
    fc
      .tuple(side, side, offset)
      .map(([left, right, by]) =>
        by === undefined ? { kind: "window", left, right } : { kind: "window", left, right, offset: by },
      ),
    neighbors(batch),
    blocks(batch),
    fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 4 })).map(([modulus, rest]) => ({
      kind: "rule",
      permits: (query: number, key: number, set: number) => (3 * query + key + set) % modulus !== rest,
    })),
  ];
  if (depth > 0) leaves.push(fc.array(patterns(batch, depth - 1), { maxLength: 3 }).map((of) => ({ kind: "all", of })));
  return fc.oneof(...leaves);
}

/** Up to five edges a row, in any order, doubled ones among them. */
export function neighbors(batch: Batch): fc.Arbitrary<AttentionPattern & { readonly kind: "neighbors" }> {
  return graphs(batch, 1, 5).map((graph) => ({ kind: "neighbors", ...graph }));
}

function blocks(batch: Batch): fc.Arbitrary<AttentionPattern> {
  return fc
    .integer({ min: 1, max: 12 })
    .chain((size) => graphs(batch, size, 4).map((graph) => ({ kind: "blocks", size, ...graph })));
}

function graphs(batch: Batch, size: number, most: number): fc.Arbitrary<{ offsets: Int32Array; indices: Int32Array }> {
  const rows: fc.Arbitrary<number[]>[] = [];
  for (const { queries, keys } of setsOf(batch)) {
    const columns = Math.ceil(keys / size);
    const row =
      columns === 0
        ? fc.constant<number[]>([])
        : fc.array(fc.integer({ min: 0, max: columns - 1 }), { maxLength: most });
    for (let r = 0; r < Math.ceil(queries / size); r += 1) rows.push(row);
  }
  return fc
    .tuple(...rows)
    .map((lists) => ({ offsets: offsetsOf(lists.map((list) => list.length)), indices: Int32Array.from(lists.flat()) }));
}

/** The sizes of each set of a batch. */
export function setsOf({ queries, keys }: Batch): { readonly queries: number; readonly keys: number }[] {
  return Array.from({ length: queries.length - 1 }, (_, n) => ({
    queries: queries[n + 1]! - queries[n]!,
    keys: keys[n + 1]! - keys[n]!,
  }));
}

/** Whether `pattern` permits each pair: for each set in turn [queries, keys], 1 or 0. */
export function permittedByDefinition(batch: Batch, pattern: AttentionPattern): Uint8Array {
  const permitted: number[] = [];
  const sets = setsOf(batch);
  sets.forEach((size, set) => {
    for (let query = 0; query < size.queries; query += 1) {
      for (let key = 0; key < size.keys; key += 1) permitted.push(permits(pattern, query, key) ? 1 : 0);
    }
    function permits(part: AttentionPattern, query: number, key: number): boolean {
      switch (part.kind) {
        case "full":
          return true;
        case "causal":
          return key <= query + (part.offset ?? size.keys - size.queries);
        case "window": {
          const distance = key - (query + (part.offset ?? size.keys - size.queries));
          return (part.left === -1 || distance >= -part.left) && (part.right === -1 || distance <= part.right);
        }
        case "neighbors": {
          const row = batch.queries[set]! + query;
          return part.indices.subarray(part.offsets[row]!, part.offsets[row + 1]!).includes(key);
        }
        case "blocks": {
          const before = sets.slice(0, set).reduce((sum, { queries }) => sum + Math.ceil(queries / part.size), 0);
          const row = before + Math.floor(query / part.size);
          return part.indices
            .subarray(part.offsets[row]!, part.offsets[row + 1]!)
            .includes(Math.floor(key / part.size));
        }
        case "rule":
          return part.permits(query, key, set);
        case "all":
          return part.of.every((each) => permits(each, query, key));
        default:
          return part satisfies never;
      }
    }
  });
  return Uint8Array.from(permitted);
}

/** Whether a pattern is, or holds, one over neighbours. */
export function hasNeighbors(pattern: AttentionPattern): boolean {
  return pattern.kind === "neighbors" || (pattern.kind === "all" && pattern.of.some(hasNeighbors));
}
