// From probabilities of labels and of a blank at each position to a sequence of labels (connectionist temporal
// classification, Graves et al. 2006): repeats of a label count once unless a blank stands between, blanks not at all.

/** A search that takes positions as they come. Label 0 is the blank, and is never part of the result. */
export interface CtcSearch {
  /** The next positions: logarithms of probabilities [K, L]. */
  push(logProbabilities: Float32Array): void;
  /** The labels up to here. */
  result(): CtcResult;
  /** How many of them will stay whatever comes. */
  settled(): number;
}

/** A sequence, and how probable it is. */
export interface CtcResult {
  readonly labels: Int32Array;
  /** Of the sequence for the beam search, of the single best path for the greedy one; natural logarithm. */
  readonly logProbability: number;
}

/** How sequences are found. */
export interface CtcSettings {
  /** The best label of each position, or a beam search over prefixes. */
  readonly search: "greedy" | "beam";
  /** Prefixes that the beam search keeps at each position. */
  readonly beams: number;
}
