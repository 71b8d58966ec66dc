// A graph as large as Cora (Sen et al. 2008), and like it: few nodes have many neighbours, since new ones choose by degree
// (Barabási and Albert 1999), and each has some words of many.
import type { Graph } from "@saccade/graph-nodes";
import { createRandom } from "../random.ts";

/** Cora's. */
const papers = 2708;

/** 5,278 undirected edges, 9 to 28 of `columns` words a paper. */
export function citationGraph(columns: number, seed = 1): Graph {
  const random = createRandom(seed);
  const [from, to]: [number[], number[]] = [[], []];
  /** Each node as often as it has edges, so that a place drawn evenly is a node drawn by degree. */
  const ends: number[] = [0];
  for (let paper = 1; paper < papers; paper++) {
    // Two each, but one for the first and for every twentieth, which makes Cora's number.
    const count = paper === 1 || paper % 20 === 0 ? 1 : 2;
    const cited = new Set<number>();
    while (cited.size < count) cited.add(ends[Math.floor(random() * ends.length)]!);
    for (const other of cited) {
      from.push(other);
      to.push(paper);
      ends.push(other, paper);
    }
  }
  const offsets = new Int32Array(papers + 1);
  const words: number[] = [];
  for (let paper = 0; paper < papers; paper++) {
    const own = new Set<number>();
    const count = 9 + Math.floor(20 * random());
    while (own.size < count) own.add(Math.floor(columns * random()));
    words.push(...[...own].toSorted((a, b) => a - b));
    offsets[paper + 1] = words.length;
  }
  return {
    nodes: papers,
    direction: "undirected",
    edges: { kind: "list", from: Int32Array.from(from), to: Int32Array.from(to) },
    nodeFeatures: { kind: "sparse", width: columns, offsets, columns: Int32Array.from(words) },
  };
}
