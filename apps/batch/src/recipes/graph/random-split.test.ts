import { expect, test } from "vitest";
import type { CitationData } from "./planetoid.ts";
import { randomSplit } from "./random-split.ts";

/** Twelve papers of two classes in turn, of which the last four are for the test, and one has no label. */
const data: CitationData = {
  name: "twelve",
  nodes: 12,
  words: 1,
  classes: 2,
  edges: [],
  features: Array.from({ length: 12 }, () => Int32Array.of(0)),
  labels: Int32Array.from({ length: 12 }, (_, node) => (node === 7 ? -1 : node % 2)),
  train: Int32Array.of(0, 1),
  validation: Int32Array.of(2, 3, 4, 5, 6, 7),
  test: Int32Array.of(8, 9, 10, 11),
};

test("randomSplit() draws as many papers of each class, and leaves the others with a label for validation", () => {
  const drawn = new Set<string>();
  for (let seed = 1; seed <= 20; seed += 1) {
    const { train, validation, test: apart } = randomSplit(data, 2, seed);
    expect(Array.from(train, (node) => node % 2).toSorted((a, b) => a - b)).toEqual([0, 0, 1, 1]);
    expect([...train, ...validation].toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(apart).toBe(data.test);
    expect(randomSplit(data, 2, seed).train).toEqual(train);
    drawn.add(Array.from(train.toSorted()).join());
  }
  expect(drawn.size).toBeGreaterThan(8);
});

test("randomSplit() refuses as many papers of a class as there are, since none would be left", () => {
  expect(() => randomSplit(data, 3, 1)).toThrow(
    "Cannot draw a split: each class must have more than 3 labelled papers, one has 3",
  );
});
