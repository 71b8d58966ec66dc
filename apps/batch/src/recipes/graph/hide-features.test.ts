import { randomStream } from "@saccade/attention-core";
import { expect, test } from "vitest";
import { hideFeatures, shareOfWords } from "./hide-features.ts";

/** A thousand nodes of ten words each. */
const values = Int32Array.from(
  Array.from({ length: 1000 }, (_, node) =>
    [10, ...Array(10).keys()].map((word, i) => (i === 0 ? word : word + node)),
  ).flat(),
);

function nodesOf(flat: Int32Array): Int32Array[] {
  const nodes: Int32Array[] = [];
  for (let at = 0; at < flat.length; at += 1 + flat[at]!) nodes.push(flat.slice(at + 1, at + 1 + flat[at]!));
  return nodes;
}

test("hideFeatures() hides the share of nodes and words that it is told, and keeps the rest in order", () => {
  const nodes = nodesOf(hideFeatures(values, { nodes: 0.5, words: 0.3 }, randomStream(1)));
  expect(nodes).toHaveLength(1000);
  const seen = nodes.filter(({ length }) => length > 0);
  expect(seen.length / 1000).toBeCloseTo(0.5, 1);
  expect(seen.reduce((sum, { length }) => sum + length, 0) / (10 * seen.length)).toBeCloseTo(0.7, 1);
  nodes.forEach((words, node) => {
    for (const word of words) expect(word - node).toBeLessThan(10);
    expect(words).toEqual(words.toSorted());
  });
});

test("hideFeatures() of nothing hides nothing, and is the same for a stream", () => {
  expect(hideFeatures(values, { nodes: 0, words: 0 }, randomStream(1))).toEqual(values);
  const shares = { nodes: 0.2, words: 0.2 };
  expect(hideFeatures(values, shares, randomStream(3))).toEqual(hideFeatures(values, shares, randomStream(3)));
  expect(hideFeatures(new Int32Array(0), shares, randomStream(1))).toEqual(new Int32Array(0));
});

test("shareOfWords() is how many words of each node are left, 0 where there are none", () => {
  const all = Int32Array.of(2, 5, 6, 0, 4, 1, 2, 3, 4, 1, 9);
  expect(shareOfWords(all, Int32Array.of(1, 6, 0, 3, 1, 2, 4, 0))).toEqual(Float32Array.of(0.5, 0, 0.75, 0));
  expect(shareOfWords(all, all)).toEqual(Float32Array.of(1, 0, 1, 1));
  expect(shareOfWords(new Int32Array(0), new Int32Array(0))).toEqual(new Float32Array(0));
});
