// Maps of attention whose keys are edges, in terms of nodes: made on the host of the weights of edges, since only those who
// ask to see maps pay for it.

import type { AttentionMaps, Features, MapRequest, Workspace } from "@saccade/attention-core";

/** What to ask attention over edges for, so that `mapsOfEdges` can make `request` of it; throws `RangeError` for maps of scores. */
export function requestOfEdges(request: MapRequest | undefined): MapRequest | undefined {
  if (request === undefined) return undefined;
  const { rows, topK, columnSums, full, ...rest } = request;
  if (full !== undefined && full !== "weights") {
    throw new RangeError(`Cannot return maps: full must be weights where features of edges are in keys, it is ${full}`);
  }
  const needsEdges = rows !== undefined || topK !== undefined || columnSums === true || full !== undefined;
  return needsEdges ? { ...rest, edges: true } : rest;
}

/** The maps of `request` over nodes, from those of `requestOfEdges` over edges. Rejects as `Workspace.read` does. */
export async function mapsOfEdges(
  workspace: Workspace,
  maps: AttentionMaps,
  request: MapRequest | undefined,
  features: Features,
): Promise<AttentionMaps> {
  if (request === undefined || maps.edges === undefined) return maps;
  const { edges, ...rest } = maps;
  const weights = await workspace.read(edges);
  const [, heads = 1] = edges.shape;
  const graph = graphOf(features, weights, heads);
  const { rows, topK, columnSums, full } = request;
  const upload = (values: Float32Array): ReturnType<typeof workspace.upload<Float32Array>> =>
    workspace.upload(values, [values.length]);
  return {
    ...rest,
    ...(request.edges && { edges }),
    ...(columnSums && { columnSums: workspace.upload(sumColumns(graph), [graph.nodes, heads]) }),
    ...(rows && { rows: upload(joinRows(graph, rows)) }),
    ...(full && { full: upload(allRows(graph)) }),
    ...(topK && { topK: uploadLargest(workspace, graph, topK) }),
  };
}

/** The rows of all nodes, with the weights of their edges [E, H]. */
interface WeighedGraph {
  readonly nodes: number;
  readonly heads: number;
  readonly offsets: Int32Array;
  readonly rowOffsets: Int32Array;
  readonly indices: Int32Array;
  readonly weights: Float32Array;
}

function graphOf({ offsets, pattern }: Features, weights: Float32Array, heads: number): WeighedGraph {
  if (pattern.kind !== "neighbors") throw new TypeError("Cannot return maps: the pattern must be neighbors, it is not");
  const nodes = offsets.at(-1) ?? 0;
  return { nodes, heads, offsets, rowOffsets: pattern.offsets, indices: pattern.indices, weights };
}

/** Calls `visit` with each edge of the sets' rows, in order. */
function forEachEdge(graph: WeighedGraph, visit: (set: number, row: number, edge: number) => void): void {
  const { offsets, rowOffsets } = graph;
  for (let set = 0; set + 1 < offsets.length; set += 1) {
    for (let row = offsets[set]!; row < offsets[set + 1]!; row += 1) {
      for (let edge = rowOffsets[row]!; edge < rowOffsets[row + 1]!; edge += 1) visit(set, row, edge);
    }
  }
}

function sumColumns(graph: WeighedGraph): Float32Array {
  const { nodes, heads, offsets, indices, weights } = graph;
  const sums = new Float32Array(nodes * heads);
  forEachEdge(graph, (set, _, edge) => {
    const node = offsets[set]! + indices[edge]!;
    for (let head = 0; head < heads; head += 1) sums[node * heads + head]! += weights[edge * heads + head]!;
  });
  return sums;
}

/** For each of `rows` in turn [H, nodes of its set]. */
function joinRows(graph: WeighedGraph, rows: Int32Array): Float32Array {
  const { heads, offsets, rowOffsets, indices, weights } = graph;
  const parts: number[] = [];
  for (const row of rows) {
    const set = offsets.findIndex((first, n) => first <= row && row < (offsets[n + 1] ?? 0));
    const keys = offsets[set + 1]! - offsets[set]!;
    const first = parts.length;
    for (let i = 0; i < heads * keys; i += 1) parts.push(0);
    for (let edge = rowOffsets[row]!; edge < rowOffsets[row + 1]!; edge += 1) {
      for (let head = 0; head < heads; head += 1) {
        parts[first + head * keys + indices[edge]!] = weights[edge * heads + head]!;
      }
    }
  }
  return Float32Array.from(parts);
}

/** For each set in turn [H, nodes, nodes]. */
function allRows(graph: WeighedGraph): Float32Array {
  const { heads, offsets, indices, weights } = graph;
  const firsts = [0];
  for (let set = 0; set + 1 < offsets.length; set += 1) {
    firsts.push(firsts[set]! + heads * (offsets[set + 1]! - offsets[set]!) ** 2);
  }
  const full = new Float32Array(firsts.at(-1)!);
  forEachEdge(graph, (set, row, edge) => {
    const keys = offsets[set + 1]! - offsets[set]!;
    for (let head = 0; head < heads; head += 1) {
      const place = firsts[set]! + (head * keys + row - offsets[set]!) * keys + indices[edge]!;
      full[place] = weights[edge * heads + head]!;
    }
  });
  return full;
}

function uploadLargest(workspace: Workspace, graph: WeighedGraph, k: number): NonNullable<AttentionMaps["topK"]> {
  const { nodes, heads, rowOffsets, indices, weights } = graph;
  const keys = new Int32Array(nodes * heads * k).fill(-1);
  const largest = new Float32Array(keys.length);
  for (let row = 0; row < nodes; row += 1) {
    const edges = Array.from({ length: rowOffsets[row + 1]! - rowOffsets[row]! }, (_, i) => rowOffsets[row]! + i);
    for (let head = 0; head < heads; head += 1) {
      const weightOf = (edge: number): number => weights[edge * heads + head]!;
      const best = edges.toSorted((a, b) => weightOf(b) - weightOf(a)).slice(0, k);
      best.forEach((edge, rank) => {
        const place = (row * heads + head) * k + rank;
        keys[place] = indices[edge]!;
        largest[place] = weightOf(edge);
      });
    }
  }
  const shape = [nodes, heads, k];
  return { keys: workspace.upload(keys, shape), weights: workspace.upload(largest, shape) };
}
