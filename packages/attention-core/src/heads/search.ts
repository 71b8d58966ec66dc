// What the two searches for a sequence share: the most probable token at each step (`greedy-search.ts`), or the best
// of several hypotheses (`beam-search.ts`). They see log probabilities on the host, and no device.

/** A generated sequence. */
export interface GeneratedSequence {
  /** Without the prompt and without the stop token. */
  readonly tokens: Int32Array;
  /** Sum of the natural logarithms of the probabilities of its tokens, the stop token included. */
  readonly logProbability: number;
  /** Whether the stop token came, rather than the greatest length. */
  readonly finished: boolean;
}

/** What a step tells. */
export interface GenerationStep {
  /** Counted from 0. */
  readonly step: number;
  /** What each set has so far [N]: in a beam search its best hypothesis, which a later step may replace. */
  readonly sequences: readonly GeneratedSequence[];
}

/** How to search. */
export interface SearchOptions {
  /** The token that ends a sequence; default: none does. */
  readonly stop?: number | undefined;
  /** The most tokens that a set may get, the stop token included. */
  readonly maxLength: number;
  /** Hypotheses that a set keeps; 1 (default) is the most probable token at each step. */
  readonly beams?: number | undefined;
  /**
   * α of a beam search: hypotheses are compared by log probability / length^α, the stop token counted. Default 0, by
   * which longer ones can only lose.
   */
  readonly lengthPenalty?: number | undefined;
  /** Called after each step. */
  readonly onStep?: ((step: GenerationStep) => void) | undefined;
}

/** A model that is asked for the next token again and again. */
export interface Stepper {
  /** Log probabilities [N, V] of the first token of each set. Called once, first. */
  begin(): Promise<Float32Array>;
  /**
   * Appends `tokens` [M] to the hypotheses `parents` [M] of the last call, and returns log probabilities [M, V] of what
   * follows. `counts` [N] says how many hypotheses each set now has; they stand in the order of the sets.
   */
  advance(parents: Int32Array, tokens: Int32Array, counts: Int32Array): Promise<Float32Array>;
}

/** A sequence on its way. */
export interface Hypothesis {
  readonly tokens: readonly number[];
  readonly logProbability: number;
}

/** A hypothesis as a result. */
export function sequenceOf({ tokens, logProbability }: Hypothesis, finished: boolean): GeneratedSequence {
  return { tokens: Int32Array.from(tokens), logProbability, finished };
}

/** A continuation of hypothesis `parent` by `token`. */
export interface Candidate {
  readonly parent: number;
  readonly token: number;
  readonly logProbability: number;
}

/**
 * The `count` most probable continuations of hypotheses `from .. to)` of those that `scores` [M, V] has a row for,
 * best first, of equals the first; impossible ones are left out. Throws `Error` if none is left, as when all scores are
 * NaN: a broken model must not seem to speak.
 */
export function bestCandidates(
  scores: Float32Array,
  vocabulary: number,
  from: number,
  hypotheses: readonly Hypothesis[],
  count: number,
): Candidate[] {
  const best: Candidate[] = [];
  let least = -Infinity;
  hypotheses.forEach(({ logProbability: before }, at) => {
    const start = (from + at) * vocabulary;
    for (let token = 0; token < vocabulary; token += 1) {
      const logProbability = before + (scores[start + token] ?? Number.NaN);
      if (best.length === count && !(logProbability > least)) continue;
      if (!(logProbability > -Infinity)) continue;
      let place = best.length;
      while (place > 0 && (best[place - 1]?.logProbability ?? Infinity) < logProbability) place -= 1;
      best.splice(place, 0, { parent: from + at, token, logProbability });
      if (best.length > count) best.pop();
      least = best.at(-1)?.logProbability ?? -Infinity;
    }
  });
  if (best.length === 0)
    throw new Error(
      "Cannot generate: some token must have a probability above 0, all scores of a set are NaN or -Infinity",
    );
  return best;
}
