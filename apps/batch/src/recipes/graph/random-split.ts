// Other papers to learn from than the standard ones: how good a method is depends less on which they were.

import { randomStream } from "@saccade/attention-core";
import type { CitationData } from "./planetoid.ts";

/**
 * `data` with `perClass` of its labelled papers of each class to learn from, drawn by `seed`, and all others for validation.
 * Those of the test part stay apart. Throws `RangeError` unless each class has more labelled papers than that.
 */
export function randomSplit(data: CitationData, perClass: number, seed: number): CitationData {
  const random = randomStream(seed, "split");
  const labelled = [...data.train, ...data.validation]
    .filter((node) => data.labels[node]! >= 0)
    .map((node) => ({ node, place: random.bits() }));
  const counts = new Int32Array(data.classes);
  const [train, validation]: [number[], number[]] = [[], []];
  for (const { node } of labelled.toSorted((a, b) => a.place - b.place)) {
    const label = data.labels[node]!;
    (counts[label]! < perClass ? train : validation).push(node);
    counts[label]! += 1;
  }
  const smallest = Math.min(...counts);
  if (smallest <= perClass) {
    throw new RangeError(
      `Cannot draw a split: each class must have more than ${perClass} labelled papers, one has ${smallest}`,
    );
  }
  return { ...data, train: Int32Array.from(train), validation: Int32Array.from(validation) };
}
