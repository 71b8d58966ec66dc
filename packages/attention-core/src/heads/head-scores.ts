// What comes out of a model, by the kind of its head: on the host, ready for a plugin to turn into answers.

import type { GeneratedSequence } from "./search.ts";

/** Scores of each label for each position, before any softmax. */
export interface PositionScores {
  /** [P, L]. */
  readonly values: Float32Array;
  /** L. */
  readonly labels: number;
  /** First position of each set, then P: [N + 1]. */
  readonly offsets: Int32Array;
}

/** Scores of each label for each set, before any softmax. */
export interface SetScores {
  /** [N, L]. */
  readonly values: Float32Array;
  /** L. */
  readonly labels: number;
}

/** Scores by head. */
export interface HeadScores {
  readonly "position-labels": PositionScores;
  readonly "set-label": SetScores;
  /** One sequence per set. */
  readonly generate: readonly GeneratedSequence[];
}

/** The kinds of head. */
export type Head = keyof HeadScores;
