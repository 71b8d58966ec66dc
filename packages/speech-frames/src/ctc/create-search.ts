import { checkInteger, checkOneOf } from "@saccade/attention-core";
import { beamCtcSearch } from "./beam-search.ts";
import type { CtcResult, CtcSearch, CtcSettings } from "./ctc-search.ts";
import { greedyCtcSearch } from "./greedy-search.ts";

/** Opens the search that `settings` ask for, over L labels of which the first is the blank. Throws as `checkCtcSettings`. */
export function createCtcSearch(labels: number, settings: CtcSettings): CtcSearch {
  checkCtcSettings("CTC search", settings);
  return settings.search === "greedy" ? greedyCtcSearch(labels) : beamCtcSearch(labels, settings.beams);
}

/**
 * The labels of a whole recording from its logarithms of probabilities [P, L], blank first.
 *
 * @example
 * const logs = Float32Array.of(0.1, 0.9, 0.1, 0.9, 0.8, 0.2).map(Math.log);
 * searchCtc(logs, 2, { search: "greedy", beams: 1 }).labels; // Int32Array [1]
 */
export function searchCtc(logProbabilities: Float32Array, labels: number, settings: CtcSettings): CtcResult {
  const search = createCtcSearch(labels, settings);
  search.push(logProbabilities);
  return search.result();
}

/** Throws `TypeError` or `RangeError` unless `settings` name a search and a number of beams from 1 to 1024. */
export function checkCtcSettings(subject: string, { search, beams }: CtcSettings): void {
  checkOneOf(subject, "search", search, ["greedy", "beam"]);
  checkInteger(subject, "beams", beams, 1, 1024);
}
