// How the pairs of a plan are cut into items for the kernels of attention's gradient: rectangles of one set's pairs. A
// set of few pairs is one item that serves queries and keys, so that its scores are made once. Sets of many are cut so
// that no two items that may run at a time add to the same row.

import { type AttentionPlan, type EdgesForm, queriesPerBlock } from "../../plan.ts";

/** The pass of the gradients of queries, biases and vector. */
const forQueries = 1;
/** The pass of the gradients of keys and values. */
const forKeys = 2;

/** Items in groups: what the kernels read, and what a group costs. */
export interface ItemGroups {
  /** Six integers an item: set, passes, first and last query, first and last key. */
  readonly items: Int32Array;
  /** [groups + 1] */
  readonly groupItems: Int32Array;
  readonly groups: number;
  /** Pairs of a group, on average. */
  readonly pairs: number;
}

/** The sizes that items shall have. */
export interface ItemSizes {
  /** Pairs of an item, at most, as far as `align` allows. */
  readonly pairs: number;
  /** Queries and keys of an item are multiples of it. */
  readonly align: number;
  /** Groups of the first pass, at most. */
  readonly groups: number;
}

/**
 * Cuts a plan of ranges or segments for the tiled kernel. The first groups have all sets of few pairs and the first keys
 * of the others, with all their queries; each of the next some more of their keys, with the queries that have them. They
 * add to the same queries, and must follow one another.
 */
export function cutByKeys(plan: AttentionPlan, sizes: ItemSizes): readonly ItemGroups[] {
  const lists = [new ItemList()];
  forEachSet(plan, ({ set, queries, keys, pairs, starts, ends }) => {
    if (pairs <= sizes.pairs) {
      lists[0]!.push([set, forQueries | forKeys, 0, queries, 0, keys], pairs);
      return;
    }
    let part = 0;
    cutKeys(starts, ends, keys, sizes, (from, to, queriesOfPart, cost) => {
      const [queryFrom, queryTo] = part === 0 ? [0, queries] : queriesOfPart;
      (lists[part] ??= new ItemList()).push([set, forQueries | forKeys, queryFrom, queryTo, from, to], cost);
      part += 1;
    });
  });
  return lists.map((list) => list.group(sizes.groups));
}

/**
 * Cuts a plan of ranges or segments for the row kernel, which must see a row whole before it sees it in parts. The first
 * groups have all sets, with the pass of queries; those of few pairs with that of keys too. The second have the others,
 * by keys.
 */
export function cutByQueriesThenKeys(
  plan: AttentionPlan,
  sizes: ItemSizes,
): readonly [first: ItemGroups, second: ItemGroups] {
  const first = new ItemList();
  const second = new ItemList();
  forEachSet(plan, ({ set, queries, keys, pairs, starts, ends }) => {
    if (pairs <= sizes.pairs) {
      first.push([set, forQueries | forKeys, 0, queries, 0, keys], pairs);
      return;
    }
    cutLine(
      queries,
      (query) => Math.max(0, ends[query]! - starts[query]!),
      sizes,
      (from, to, cost) => {
        first.push([set, forQueries, from, to, 0, keys], cost);
      },
    );
    cutKeys(starts, ends, keys, sizes, (from, to, [queryFrom, queryTo], cost) => {
      second.push([set, forKeys, queryFrom, queryTo, from, to], cost);
    });
  });
  return [first.group(sizes.groups), second.group(Infinity)];
}

/** A set with the spans of its queries. */
interface SetSpans {
  readonly set: number;
  readonly queries: number;
  readonly keys: number;
  readonly pairs: number;
  /** For each query the first key that it may attend to. */
  readonly starts: Int32Array;
  /** And the end of those, with what lies between. */
  readonly ends: Int32Array;
}

function forEachSet(plan: AttentionPlan, visit: (set: SetSpans) => void): void {
  const { queryOffsets, keyOffsets } = plan;
  const spans = spansOf(plan);
  for (let set = 0; set + 1 < queryOffsets.length; set += 1) {
    const starts = spans.starts.subarray(queryOffsets[set], queryOffsets[set + 1]);
    const ends = spans.ends.subarray(queryOffsets[set], queryOffsets[set + 1]);
    let pairs = 0;
    for (let query = 0; query < starts.length; query += 1) pairs += Math.max(0, ends[query]! - starts[query]!);
    visit({ set, queries: starts.length, keys: keyOffsets[set + 1]! - keyOffsets[set]!, pairs, starts, ends });
  }
}

/** Keys whose queries are found together. */
const stretchKeys = 16;

/** Cuts the keys of a set, and tells for each part the queries, from a block of them on, whose spans have some of it. */
function cutKeys(
  starts: Int32Array,
  ends: Int32Array,
  keys: number,
  sizes: ItemSizes,
  push: (from: number, to: number, queries: readonly [from: number, to: number], cost: number) => void,
): void {
  const counts = new Int32Array(keys + 1);
  const firsts = new Int32Array(Math.ceil(keys / stretchKeys)).fill(starts.length);
  const lasts = new Int32Array(firsts.length);
  for (let query = 0; query < starts.length; query += 1) {
    const [start, end] = [starts[query]!, ends[query]!];
    if (start >= end) continue;
    counts[start]! += 1;
    counts[end]! -= 1;
    for (let stretch = Math.floor(start / stretchKeys); stretch * stretchKeys < end; stretch += 1) {
      firsts[stretch] = Math.min(firsts[stretch]!, query);
      lasts[stretch] = query + 1;
    }
  }
  for (let key = 1; key < keys; key += 1) counts[key]! += counts[key - 1]!;
  cutLine(
    keys,
    (key) => counts[key]!,
    sizes,
    (from, to, cost) => {
      const [begin, end] = [Math.floor(from / stretchKeys), Math.ceil(to / stretchKeys)];
      const first = firsts.subarray(begin, end).reduce((least, query) => Math.min(least, query), starts.length);
      const last = lasts.subarray(begin, end).reduce((most, query) => Math.max(most, query), 0);
      push(from, to, first < last ? [first - (first % queriesPerBlock), last] : [0, 0], cost);
    },
  );
}

/** Cuts a plan over neighbours by queries. */
export function cutEdgesByQueries(plan: AttentionPlan, form: EdgesForm, sizes: ItemSizes): ItemGroups {
  const { queryOffsets, keyOffsets } = plan;
  const list = new ItemList();
  for (let set = 0; set + 1 < queryOffsets.length; set += 1) {
    const base = queryOffsets[set]!;
    const keys = keyOffsets[set + 1]! - keyOffsets[set]!;
    cutLine(
      queryOffsets[set + 1]! - base,
      (query) => form.offsets[base + query + 1]! - form.offsets[base + query]!,
      sizes,
      (from, to, cost) => {
        list.push([set, forQueries, from, to, 0, keys], cost);
      },
    );
  }
  return list.group(sizes.groups);
}

/** Cuts 0 .. count into stretches that cost about `sizes.pairs`, multiples of `sizes.align` long. */
function cutLine(
  count: number,
  costOf: (index: number) => number,
  sizes: ItemSizes,
  push: (from: number, to: number, cost: number) => void,
): void {
  let from = 0;
  let cost = 0;
  for (let index = 0; index < count; index += 1) {
    cost += costOf(index);
    const length = index + 1 - from;
    if (index + 1 === count || (length % sizes.align === 0 && cost * (1 + sizes.align / length) > sizes.pairs)) {
      push(from, index + 1, cost);
      from = index + 1;
      cost = 0;
    }
  }
}

/** For each query row the first key and the end of those that it may attend to, with what lies between. */
function spansOf(plan: AttentionPlan): { readonly starts: Int32Array; readonly ends: Int32Array } {
  const { form, queryOffsets } = plan;
  if (form.kind === "ranges") return form;
  if (form.kind === "edges")
    throw new TypeError("Cannot take the spans of rows: the plan must have ranges or segments, it has edges");
  const P = queryOffsets[queryOffsets.length - 1]!;
  const starts = new Int32Array(P);
  const ends = new Int32Array(P);
  let block = 0;
  for (let set = 0; set + 1 < queryOffsets.length; set += 1) {
    for (let row = queryOffsets[set]!; row < queryOffsets[set + 1]!; row += queriesPerBlock, block += 1) {
      const [from, to] = [form.blockOffsets[block]!, form.blockOffsets[block + 1]!];
      const last = Math.min(queryOffsets[set + 1]!, row + queriesPerBlock);
      starts.fill(from < to ? form.starts[from]! : 0, row, last);
      ends.fill(from < to ? form.ends[to - 1]! : 0, row, last);
    }
  }
  return { starts, ends };
}

class ItemList {
  readonly #items: number[] = [];
  readonly #costs: number[] = [];

  push(
    item: readonly [set: number, passes: number, queryFrom: number, queryTo: number, keyFrom: number, keyTo: number],
    cost: number,
  ): void {
    this.#items.push(...item);
    this.#costs.push(cost);
  }

  /** Neighbours go into a group, at most `most` groups of about the same cost. */
  group(most: number): ItemGroups {
    const count = this.#costs.length;
    const total = this.#costs.reduce((sum, cost) => sum + cost, 0);
    // An item costs something even if it has no pairs, or a plan that permits nothing would have a group for each.
    const each = count <= most ? 0 : (total + count) / most;
    const groupItems = [0];
    let before = 0;
    this.#costs.forEach((cost, i) => {
      before += cost + 1;
      const left = count - i - 1;
      if (left === 0 || before >= each * groupItems.length) groupItems.push(i + 1);
    });
    const groups = groupItems.length - 1;
    return {
      items: Int32Array.from(this.#items),
      groupItems: Int32Array.from(groupItems),
      groups,
      pairs: total / Math.max(1, groups),
    };
  }
}

/** The edges of a plan by key row. */
export interface IncomingEdges {
  /** [key rows + 1] where those of a key row begin in the other two. */
  readonly offsets: Int32Array;
  /** Query rows, ascending for each key row. */
  readonly rows: Int32Array;
  /** Places among the edges of the plan. */
  readonly places: Int32Array;
}

/** What was turned round goes with its plan: every layer of every step asks for it. */
const turned = new WeakMap<AttentionPlan, IncomingEdges>();

/** A plan over neighbours turned round, once. */
export function incomingEdges(plan: AttentionPlan, form: EdgesForm): IncomingEdges {
  let incoming = turned.get(plan);
  if (incoming === undefined) {
    incoming = turnRound(plan, form);
    turned.set(plan, incoming);
  }
  return incoming;
}

function turnRound(plan: AttentionPlan, form: EdgesForm): IncomingEdges {
  const { queryOffsets, keyOffsets } = plan;
  const keyRows = keyOffsets[keyOffsets.length - 1]!;
  const offsets = new Int32Array(keyRows + 1);
  const rows = new Int32Array(form.indices.length);
  const places = new Int32Array(form.indices.length);
  const forEachEdge = (visit: (keyRow: number, row: number, place: number) => void): void => {
    for (let set = 0; set + 1 < queryOffsets.length; set += 1) {
      for (let row = queryOffsets[set]!; row < queryOffsets[set + 1]!; row += 1) {
        for (let place = form.offsets[row]!; place < form.offsets[row + 1]!; place += 1) {
          visit(keyOffsets[set]! + form.indices[place]!, row, place);
        }
      }
    }
  };
  forEachEdge((keyRow) => (offsets[keyRow + 1]! += 1));
  for (let keyRow = 0; keyRow < keyRows; keyRow += 1) offsets[keyRow + 1]! += offsets[keyRow]!;
  const next = offsets.slice();
  forEachEdge((keyRow, row, place) => {
    const at = next[keyRow]!;
    next[keyRow] = at + 1;
    rows[at] = row;
    places[at] = place;
  });
  return { offsets, rows, places };
}
