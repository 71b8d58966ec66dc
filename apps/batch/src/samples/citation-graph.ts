// A made-up graph of papers that cite each other, with words of Cora's list: which words go with which subject was counted
// over Cora's papers (McCallum et al. 2000; the version of Yang et al. 2016). Two papers have no words at all.

import type { Graph } from "@saccade/graph-nodes";

/** A paper of the graph. */
export interface SamplePaper {
  /** The subject that its words are taken from; left out for one without words. */
  readonly about?: string;
  /** The papers that it cites, counted from 0. */
  readonly cites: readonly number[];
  /** Places of its words in Cora's list. */
  readonly words: readonly number[];
}

/** Words in Cora's list. */
const words = 1433;

export const papers: readonly SamplePaper[] = [
  { about: "genetic algorithms", words: [1132, 1151, 299, 140, 99, 368], cites: [] },
  { about: "genetic algorithms", words: [495, 507, 1132, 1149, 1049], cites: [0] },
  { words: [], cites: [0, 1] },
  { about: "genetic algorithms", words: [495, 299, 368], cites: [0, 2] },
  { about: "reinforcement learning", words: [510, 874, 1075, 581], cites: [] },
  { about: "reinforcement learning", words: [581, 1274, 1177, 359], cites: [4] },
  { words: [], cites: [4, 5] },
  { about: "reinforcement learning", words: [1071, 829, 874], cites: [5, 6, 3] },
  { about: "one of either", words: [1132, 510], cites: [4, 5] },
];

/** The graph of papers: whoever cites and who is cited look at each other. */
export function sampleGraph(listed: readonly SamplePaper[]): Graph {
  const from: number[] = [];
  const to: number[] = [];
  listed.forEach(({ cites }, paper) => {
    for (const cited of cites) {
      from.push(cited);
      to.push(paper);
    }
  });
  const offsets = new Int32Array(listed.length + 1);
  listed.forEach((paper, n) => (offsets[n + 1] = offsets[n]! + paper.words.length));
  return {
    nodes: listed.length,
    direction: "undirected",
    edges: { kind: "list", from: Int32Array.from(from), to: Int32Array.from(to) },
    nodeFeatures: {
      kind: "sparse",
      width: words,
      offsets,
      columns: Int32Array.from(listed.flatMap((paper) => paper.words)),
    },
  };
}
