import { largestOf } from "@saccade/attention-core";
import type { CtcSearch } from "./ctc-search.ts";

/** The best label of each of the positions, of L labels; of equal ones the first. */
export function greedyCtcSearch(labels: number): CtcSearch {
  const found: number[] = [];
  let [last, logProbability] = [0, 0];
  return {
    push(logProbabilities) {
      for (let first = 0; first < logProbabilities.length; first += labels) {
        const best = largestOf(logProbabilities, first, labels);
        logProbability += logProbabilities[first + best]!;
        if (best !== 0 && best !== last) found.push(best);
        last = best;
      }
    },
    result: () => ({ labels: Int32Array.from(found), logProbability }),
    settled: () => found.length,
  };
}
