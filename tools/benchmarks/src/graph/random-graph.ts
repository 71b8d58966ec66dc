// A random directed graph in compressed sparse rows: what the neighbours cases run on.
import { createRandom } from "../random.ts";

export interface Graph {
  readonly nodes: number;
  /** [nodes + 1] */
  readonly offsets: Int32Array<ArrayBuffer>;
  /** [edges]: the key node of each edge, ascending within a row. */
  readonly sources: Int32Array<ArrayBuffer>;
  /** [edges]: the query node of each edge. */
  readonly targets: Int32Array<ArrayBuffer>;
}

/** `edges` edges between `nodes` nodes, both ends drawn evenly; loops and repeated edges may occur. */
export function randomGraph(nodes: number, edges: number, seed: number): Graph {
  const random = createRandom(seed);
  const draw = (): number => Math.floor(random() * nodes);
  const targets = Int32Array.from({ length: edges }, draw).sort();
  const sources = Int32Array.from({ length: edges }, draw);
  const offsets = new Int32Array(nodes + 1);
  for (const target of targets) offsets[target + 1]! += 1;
  for (let node = 0; node < nodes; node++) offsets[node + 1]! += offsets[node]!;
  for (let node = 0; node < nodes; node++) sources.subarray(offsets[node], offsets[node + 1]).sort();
  return { nodes, offsets, sources, targets };
}
