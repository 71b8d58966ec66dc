// The tiles of fused attention: one table, not yet tuned on a device.

/**
 * A tile of queries, and how a workgroup goes through keys: threads stand `down` × `across`; a thread has queries / down
 * rows, and of them keys / across scores, then 4 · `vectors` columns of the values.
 */
export interface AttentionTile {
  readonly queries: number;
  /** Keys at a time. */
  readonly keys: number;
  readonly down: number;
  readonly across: number;
  readonly vectors: number;
  /** Columns of queries and keys, and keys whose values, pass through the workgroup's memory at a time. */
  readonly depth: number;
  readonly valueKeys: number;
}

/** For sets of many queries, and for those of few or what is left of a set. */
export interface AttentionTiles {
  readonly many: AttentionTile;
  readonly few: AttentionTile;
}

/**
 * By the widest head of queries or values, and for devices that give a workgroup 32 KiB or the default 16.
 *
 * With Q queries and K keys at a time, a multiply-add takes (1 / Q · 2 + 1 / K) / 2 words from global memory, of which the
 * queries come from a cache: multiply-adds for each word, Q · K · 2 / (2 K + Q), are 43 for 64 × 64, 43 for 128 × 32, 32 for
 * 64 × 32, 26 for 32 × 64 and 14 for 16 × 64. A thread's block of r × c scores takes 1 / r + 1 / c words from the
 * workgroup's memory for each multiply-add: 3/8 for 8 × 4, 1/2 for 4 × 4, where GPUs deliver about one.
 *
 * All tiles for one width go through keys in the same steps and split sums over them alike (`keys`, `across`): so the bits
 * of a row are the same, whichever of them it falls into.
 */
const table: readonly {
  readonly width: number;
  readonly wide: AttentionTile;
  readonly narrow: AttentionTile;
  readonly few: AttentionTile;
}[] = [
  {
    width: 32,
    wide: { queries: 128, keys: 32, down: 16, across: 8, vectors: 1, depth: 16, valueKeys: 32 },
    narrow: { queries: 64, keys: 32, down: 16, across: 8, vectors: 1, depth: 16, valueKeys: 32 },
    few: { queries: 16, keys: 32, down: 4, across: 8, vectors: 1, depth: 16, valueKeys: 32 },
  },
  {
    width: 64,
    wide: { queries: 64, keys: 64, down: 8, across: 16, vectors: 1, depth: 16, valueKeys: 32 },
    narrow: { queries: 32, keys: 64, down: 8, across: 16, vectors: 1, depth: 16, valueKeys: 16 },
    few: { queries: 16, keys: 64, down: 4, across: 16, vectors: 1, depth: 16, valueKeys: 16 },
  },
  {
    width: 128,
    wide: { queries: 64, keys: 64, down: 8, across: 16, vectors: 2, depth: 16, valueKeys: 16 },
    narrow: { queries: 32, keys: 64, down: 8, across: 16, vectors: 2, depth: 16, valueKeys: 8 },
    few: { queries: 16, keys: 64, down: 4, across: 16, vectors: 2, depth: 16, valueKeys: 8 },
  },
  {
    width: 256,
    wide: { queries: 32, keys: 64, down: 8, across: 16, vectors: 4, depth: 16, valueKeys: 16 },
    narrow: { queries: 32, keys: 64, down: 8, across: 16, vectors: 4, depth: 16, valueKeys: 4 },
    few: { queries: 16, keys: 64, down: 4, across: 16, vectors: 4, depth: 16, valueKeys: 4 },
  },
];

/** Memory in which only tiles of few queries have room: for software adapters, where large ones gain nothing and make units long. */
export const fewQueriesBytes = 12_288;

/**
 * The tiles for heads of at most `width` columns, on a device whose workgroups have `memoryBytes`. Throws `RangeError` for
 * heads wider than 256.
 */
export function attentionTilesOf(width: number, memoryBytes: number): AttentionTiles {
  const entry = table.find((each) => width <= each.width);
  if (entry === undefined)
    throw new RangeError(`Cannot tile attention: heads must be at most 256 wide, one is ${width}`);
  const { wide, narrow, few } = entry;
  return { many: [wide, narrow].find((tile) => tileBytes(tile) <= memoryBytes) ?? few, few };
}

/** Bytes of workgroup memory that a tile takes. */
export function tileBytes(tile: AttentionTile): number {
  // Weights and the stage; the largest score, its two changes and the flag of each row; one flag.
  return 16 * ((tile.queries * tile.keys) / 4 + stageVectors(tile)) + 16 * tile.queries + 16;
}

/** Fours of numbers in the memory through which queries and keys pass, and then values. */
export function stageVectors({ queries, keys, across, vectors, depth, valueKeys }: AttentionTile): number {
  return Math.max(((queries + keys) * depth) / 4, valueKeys * across * vectors);
}
