// What the attention kernels are told, in linear memory, shared by all threads; and the state of one block of eight
// queries, in a thread's scratch. The host writes `Attention` field by field: `../attention-parameters.ts` is the
// same list, and must stay so.

/** Parameters of one call of attention. Pointers are byte addresses, 0 where there is nothing. */
// @ts-ignore: decorator
@unmanaged
export class Attention {
  q: usize; // [P, heads · width]
  k: usize; // [key rows, kvHeads · width]
  v: usize; // [key rows, kvHeads · valueWidth]
  out: usize; // [P, heads · valueWidth]
  logSumExp: usize; // [P, heads] natural logarithm, or 0
  statistics: usize; // [P, heads, 2] maximum in log2 units and sum of each softmax, or 0
  heads: i32;
  kvHeads: i32;
  width: i32;
  valueWidth: i32;
  sets: i32;
  queries: i32; // P
  keyRows: i32;
  blocks: i32; // of eight queries, over all sets
  groupBlocks: usize; // [groups + 1] the blocks of each group
  groupOffsets: usize; // [sets + 1] the groups of each set
  headsPerUnit: i32; // key heads that a unit takes, a divisor of kvHeads
  headsFirst: i32; // order of units: 1 all heads of a group, 0 all groups of a set
  blockSets: usize; // [blocks] the set of each block
  blockOffsets: usize; // [sets + 1]
  queryOffsets: usize; // [sets + 1]
  keyOffsets: usize; // [sets + 1]
  panelOffsets: usize; // [sets + 1] panels of six keys before each set
  form: i32; // 0 ranges, 1 segments, 2 edges
  first: usize; // ranges: starts; segments: block offsets; edges: offsets
  second: usize; // ranges: ends; segments: starts; edges: indices
  third: usize; // segments: ends; edges: edge numbers, or 0
  masks: usize; // segments
  bits: usize; // segments
  packedKeys: usize; // for maps: [kvHeads][panels][width][6]
  valueColumns: i32; // columns of the packed values, padding included
  panels: i32; // of six keys, over all sets
  parts: i32; // into which the packing of each set's keys is cut
  scale: f32;
  softcap: f32; // 0: none
  score: i32; // 0 dot, 1 additive tanh, 2 additive leaky ReLU
  vector: usize; // [heads, width]
  slope: f32;
  normalizer: i32; // 0 softmax, 1 relu, 2 hard
  bias: i32; // 0 none, 1 dense, 2 edges, 3 alibi, 4 relative, 5 relative2d
  biasValues: usize;
  biasHeads: i32; // dense: heads it has; edges: columns
  pairOffsets: usize; // f64 [sets + 1]: dense pairs before each set
  reach: i32; // relative: R; relative2d: Y
  reachAcross: i32; // relative2d: X
  columns: i32; // relative2d
  mapHeads: i32; // 1 for the mean over heads, otherwise heads
  rowSlots: usize; // [P] f64: where in `rows` a row goes, -1 for nowhere; or 0
  rows: usize;
  topK: i32;
  topKeys: usize; // i32 [P, mapHeads, topK]
  topWeights: usize; // [P, mapHeads, topK]
  columnSums: usize; // [key rows, mapHeads] or 0
  entropy: usize; // [P, heads] or 0
  edgeWeights: usize; // [E, mapHeads] or 0
  full: usize; // or 0
  stage: i32; // of `full`: 0 weights, 1 scores, 2 capped, 3 biased
  keepScale: f32; // dropout of weights: 1 / (1 - rate), 0 for none
  keepFrom: i32; // words from here on, unsigned, are kept
  keepSeed: i32; // mixed
}

/** Bytes of a block with its fixed places; the scratch after it belongs to the kernels. */
export const BLOCK_BYTES: usize = 256;

/** One block of up to eight queries of one head, with the running maximum and sum of its softmax. */
// @ts-ignore: decorator
@unmanaged
export class Block {
  set: i32;
  head: i32;
  row: i32; // first query row, through all sets
  position: i32; // of that row in its set
  rows: i32; // 1 to 8
  keys: i32; // of the set
  keyBase: i32; // first key row of the set
  queriesOfSet: i32;
  shift: i32; // aligned position minus position: keys - queries
  careful: i32; // some packed value is not finite: never multiply it by a masked weight
  keyPanels: usize; // where the panel of key 0 would be
  valuePanels: usize;
  valueFirst: i32; // first key that is packed
  valueKeys: i32; // number of keys that are packed
  q: usize; // panel [width][8]
  s: usize; // scores [96][8]
  o: usize; // sums [valueColumns][8]
  fresh: i32; // 1 until the first chunk has given its sums
  weights: usize; // maps: [keys of the block][8]
  weightCount: i32; // maps: rows of `weights` in use
}

/** What a thread has packed, at the start of its scratch. The host clears `set` whenever a thread turns to another job. */
// @ts-ignore: decorator
@unmanaged
export class Packed {
  setPlusOne: i32; // 0: nothing
  head: i32;
  first: i32; // first key, a multiple of six
  last: i32; // one past the last key
  careful: i32; // some value is not finite
  unused: i32; // so that reads ahead are not left out
}

export const PACKED_BYTES: usize = 64;

// Fixed places inside the scratch of a block, after the fields above.
export const MAXIMA: usize = 96; // two vectors
export const SUMS: usize = 128; // two vectors
export const STARTS: usize = 160; // two vectors of i32
export const ENDS: usize = 192; // two vectors of i32
export const BOUNDS: usize = 224; // four i32
