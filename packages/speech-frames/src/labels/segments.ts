// Labels of positions, grouped into segments with times.

import type { PositionTimes } from "../model/subsampling.ts";

/** A stretch of one label. */
export interface Segment {
  readonly label: string;
  /** In seconds from the beginning of the recording. */
  readonly start: number;
  readonly end: number;
  /** The mean of its positions' probabilities, 0 to 1. */
  readonly score: number;
}

/** Groups labels as they come. */
export interface Segmenter {
  /** The next positions, labels and their probabilities; returns the segments that have ended. */
  push(labels: readonly string[], scores: ArrayLike<number>): Segment[];
  /** The last segment, which ends where the recording does. */
  finish(durationSeconds: number): Segment[];
}

/**
 * Opens a segmenter. A segment reaches from half a step before the middle of its first position to half a step after that
 * of its last; the first begins at 0.
 */
export function segmenter({ center, step }: PositionTimes): Segmenter {
  let [label, begin, position, sum] = ["", 0, 0, 0];
  const close = (end: number): Segment => ({
    label,
    start: begin === 0 ? 0 : center + (begin - 0.5) * step,
    end,
    score: sum / (position - begin),
  });
  return {
    push(labels, scores) {
      const ended: Segment[] = [];
      labels.forEach((next, i) => {
        if (position > begin && next !== label) {
          ended.push(close(center + (position - 0.5) * step));
          [begin, sum] = [position, 0];
        }
        label = next;
        sum += scores[i]!;
        position += 1;
      });
      return ended;
    },
    finish: (durationSeconds) => (position === begin ? [] : [close(Math.max(durationSeconds, 0))]),
  };
}
