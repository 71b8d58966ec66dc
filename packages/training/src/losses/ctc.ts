// Connectionist temporal classification (Graves et al. 2006): the probability of a sequence of labels, summed over all
// ways to spread it over the frames, with blanks between. Forward and backward sums in logarithms.

import { checkOffsets } from "@saccade/attention-core";
import { columnsOf, type Loss, logSumExp } from "./loss.ts";

/** The label sequences of a batch: set n has labels `values[offsets[n] .. offsets[n + 1])`. */
export interface LabelSequences {
  readonly values: Int32Array;
  /** [N + 1]. */
  readonly offsets: Int32Array;
}

/** What CTC may be told. */
export interface CtcOptions {
  /** The index of the blank; default 0. */
  readonly blank?: number;
}

/** The loss of CTC; `count` is the number of sets that could be aligned. */
export interface CtcLoss extends Loss {
  /** Sets that no alignment fits, being shorter than their labels and the blanks between equal ones: they do not count. */
  readonly skipped: number;
}

/**
 * -ln p(labels | scores), the mean over sets. `scores` [P, L] before any softmax, rows of set n being frames
 * `frames[n] .. frames[n + 1])`. A set that is too short for its labels has probability 0 and an infinite loss: it is
 * skipped, its gradient is 0, and it is told in `skipped`. Throws `RangeError` for labels that are not 0 .. L - 1 or are
 * the blank, and for offsets that do not fit.
 */
export function ctc(
  scores: Float32Array,
  frames: Int32Array,
  labels: LabelSequences,
  options: CtcOptions = {},
): CtcLoss {
  const { blank = 0 } = options;
  checkOffsets("compute CTC", "frames", frames);
  checkOffsets("compute CTC", "label offsets", labels.offsets);
  const N = frames.length - 1;
  const L = columnsOf("CTC", scores, frames[N]!);
  // Without frames nothing says how many labels there are.
  checkLabels(labels, N, frames[N] === 0 ? Infinity : L, blank);
  const gradient = new Float32Array(scores.length);
  let loss = 0;
  let count = 0;
  for (let set = 0; set < N; set += 1) {
    const start = frames[set]!;
    const end = frames[set + 1]!;
    const path = withBlanks(labels.values.subarray(labels.offsets[set], labels.offsets[set + 1]), blank);
    const negative = alignSet(scores.subarray(start * L, end * L), L, path, gradient.subarray(start * L, end * L));
    if (negative === Infinity) continue;
    loss += negative;
    count += 1;
  }
  for (let i = 0; i < gradient.length; i += 1) gradient[i] = count === 0 ? 0 : gradient[i]! / count;
  return { loss: count === 0 ? 0 : loss / count, gradient, count, skipped: N - count };
}

/** -ln p of `path` over the frames of one set; writes the gradient, or leaves it where there is no alignment. */
function alignSet(scores: Float32Array, L: number, path: Int32Array, gradient: Float32Array): number {
  const T = L === 0 ? 0 : scores.length / L;
  const S = path.length;
  if (T === 0) return S === 1 ? 0 : Infinity;
  const totals = Float64Array.from({ length: T }, (_, t) => logSumExp(scores, t * L, (t + 1) * L));
  const emits = (t: number, s: number): number => scores[t * L + path[s]!]! - totals[t]!;

  // forward[t, s]: all ways to be at place s of the path after frame t.
  const forward = new Float64Array(T * S).fill(-Infinity);
  forward[0] = emits(0, 0);
  if (S > 1) forward[1] = emits(0, 1);
  for (let t = 1; t < T; t += 1) {
    for (let s = 0; s < S; s += 1) {
      const before = (t - 1) * S + s;
      let sum = forward[before]!;
      if (s > 0) sum = addLogs(sum, forward[before - 1]!);
      if (jumps(path, s)) sum = addLogs(sum, forward[before - 2]!);
      forward[t * S + s] = sum + emits(t, s);
    }
  }
  const end = T * S - 1;
  const logProbability = S > 1 ? addLogs(forward[end]!, forward[end - 1]!) : forward[end]!;
  if (logProbability === -Infinity) return Infinity;

  // backward[s]: all ways on from place s after frame t, without what that frame emits.
  let backward = new Float64Array(S).fill(-Infinity);
  let next = new Float64Array(S);
  backward[S - 1] = 0;
  if (S > 1) backward[S - 2] = 0;
  for (let t = T - 1; t >= 0; t -= 1) {
    for (let k = 0; k < L; k += 1) gradient[t * L + k] = Math.exp(scores[t * L + k]! - totals[t]!);
    for (let s = 0; s < S; s += 1) {
      const share = forward[t * S + s]! + backward[s]! - logProbability;
      if (share > -Infinity) gradient[t * L + path[s]!]! -= Math.exp(share);
    }
    if (t === 0) break;
    for (let s = 0; s < S; s += 1) {
      let sum = backward[s]! + emits(t, s);
      if (s + 1 < S) sum = addLogs(sum, backward[s + 1]! + emits(t, s + 1));
      if (s + 2 < S && jumps(path, s + 2)) sum = addLogs(sum, backward[s + 2]! + emits(t, s + 2));
      next[s] = sum;
    }
    [backward, next] = [next, backward];
  }
  return -logProbability;
}

/** Whether place s may be reached from s - 2, over a blank: not where the labels are equal, nor onto a blank. */
function jumps(path: Int32Array, s: number): boolean {
  return s >= 2 && s % 2 === 1 && path[s] !== path[s - 2];
}

/** Blanks before, between and after labels: [2U + 1]. */
function withBlanks(labels: Int32Array, blank: number): Int32Array {
  const path = new Int32Array(2 * labels.length + 1).fill(blank);
  for (const [i, label] of labels.entries()) path[2 * i + 1] = label;
  return path;
}

/** ln(exp(a) + exp(b)). */
function addLogs(a: number, b: number): number {
  if (a === -Infinity) return b;
  if (b === -Infinity) return a;
  return a > b ? a + Math.log1p(Math.exp(b - a)) : b + Math.log1p(Math.exp(a - b));
}

function checkLabels({ values, offsets }: LabelSequences, N: number, L: number, blank: number): void {
  if (offsets.length !== N + 1 || offsets[N] !== values.length) {
    throw new RangeError(
      `Cannot compute CTC: there must be labels for ${N} sets, there are ${values.length} for ${offsets.length - 1}`,
    );
  }
  const bad = values.findIndex((label) => label < 0 || label >= L || label === blank);
  if (bad >= 0) {
    throw new RangeError(
      `Cannot compute CTC: a label must be from 0 to ${L - 1} and not the blank ${blank}, label ${bad} is ${values[bad]}`,
    );
  }
}
