// Sets that are too long for a model, cut into windows that overlap.

import { checkInteger } from "@saccade/attention-core";
import type { Span } from "../span.ts";

/** How long sets may be. */
export interface WindowSettings {
  /** Positions of the longest set that stays whole, and of each window of a longer one. */
  readonly longest: number;
  /** Positions that neighbouring windows have in common at least; below `longest`. */
  readonly overlap: number;
}

/** Positions `start .. end) of a set, which a model sees together, and `from .. to)` among them, for which this window answers. */
export interface Window extends Span {
  readonly from: number;
  readonly to: number;
}

/**
 * The windows of a set of `length` positions: one, the set itself, if it is not longer than `longest`; else as many windows
 * of `longest` positions as it takes, evenly spread. Each position is answered for by one window, the one whose nearer edge
 * is farthest from it: where two overlap, each answers for a half. So if what a model says of a position depends on at
 * most `overlap / 2` positions to either side (layers · reach of one), the windows together say what the whole set would;
 * otherwise they come close, and every position is still seen with `overlap / 2` neighbours. Throws `RangeError` for
 * settings that are none.
 *
 * @example
 * windowsOf(10, { longest: 6, overlap: 2 });
 * // [{ start: 0, end: 6, from: 0, to: 5 }, { start: 4, end: 10, from: 5, to: 10 }]
 */
export function windowsOf(length: number, { longest, overlap }: WindowSettings): Window[] {
  checkInteger("windows", "longest", longest, 1, 2 ** 24);
  checkInteger("windows", "overlap", overlap, 0, longest - 1);
  if (length <= longest) return [{ start: 0, end: length, from: 0, to: length }];
  const count = Math.ceil((length - overlap) / (longest - overlap));
  const starts = Array.from({ length: count }, (_, i) => Math.round((i * (length - longest)) / (count - 1)));
  // The middle of what window i and the next one share.
  const borders = starts.slice(1).map((start, i) => (start + starts[i]! + longest) >> 1);
  return starts.map((start, i) => ({
    start,
    end: start + longest,
    from: borders[i - 1] ?? 0,
    to: borders[i] ?? length,
  }));
}
