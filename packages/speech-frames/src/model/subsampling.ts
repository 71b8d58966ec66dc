// From frames to positions: convolutions along time, of which strides make fewer positions than frames, and when a
// position is.

import { checkInteger, checkKind } from "@saccade/attention-core";
import { frameLengths, type LogMelConfig } from "../frames/log-mel.ts";

/** A convolution along time. Zeros stand beyond both ends of a clip. */
export interface FrameConvolution {
  /** Rows of the stage before that each row sees. */
  readonly size: number;
  /** Rows from one to the next. */
  readonly stride: number;
  /** Zeros before the first row and after the last; with the row itself at least `size`, so that each clip has a row. */
  readonly left: number;
  readonly right: number;
  /** Along the bands too; default none: a row is all that is known of a time. All convolutions of a stem have it, or none. */
  readonly bands?: BandConvolution;
}

/**
 * The same along the bands, by weights that are the same wherever they look, so that what another vocal tract moves up or
 * down is still recognised. There are several rows for each time then: of frames one for each band, a single number; after
 * the last convolution one.
 */
export interface BandConvolution {
  /** Rows that each time of the stage before has. */
  readonly rows: number;
  readonly size: number;
  readonly stride: number;
  readonly left: number;
  readonly right: number;
}

/** Rows that each time has after a convolution. */
export function bandRows({ bands }: FrameConvolution): number {
  return bands ? Math.floor((bands.rows + bands.left + bands.right - bands.size) / bands.stride) + 1 : 1;
}

/** Rows that each row sees. */
export function tapsOf({ size, bands }: FrameConvolution): number {
  return size * (bands?.size ?? 1);
}

/** P, the positions that so many frames of one clip become. */
export function positionCount(frames: number, stem: readonly FrameConvolution[]): number {
  return stem.reduce(
    (rows, { size, stride, left, right }) => Math.floor((rows + left + right - size) / stride) + 1,
    frames,
  );
}

/** Frames from one position to the next: the product of the strides. */
export function subsamplingOf(stem: readonly FrameConvolution[]): number {
  return stem.reduce((product, { stride }) => product * stride, 1);
}

/** When positions are, in seconds from the beginning of a clip: position p is about `center + p · step`. */
export interface PositionTimes {
  /** The middle of the first one's frames. */
  readonly center: number;
  readonly step: number;
}

/** When the positions are that `stem` makes of frames of `frames`. A position speaks for half a step to either side. */
export function positionTimes(frames: LogMelConfig, stem: readonly FrameConvolution[]): PositionTimes {
  const { windowSamples, hopSamples } = frameLengths(frames);
  let stride = 1;
  let middle = 0;
  for (const { size, stride: own, left } of stem) {
    middle += ((size - 1) / 2 - left) * stride;
    stride *= own;
  }
  return {
    center: (middle * hopSamples + windowSamples / 2) / frames.sampleRate,
    step: (stride * hopSamples) / frames.sampleRate,
  };
}

/** Throws `TypeError` or `RangeError` unless `stem` is a list of convolutions that leave each clip a position. */
export function checkStemConvolutions(stem: readonly FrameConvolution[], subject = "stem"): void {
  if (!Array.isArray(stem) || stem.length === 0) {
    throw new TypeError(`Cannot use ${subject}: it must be a list of one convolution or more, it is not`);
  }
  stem.forEach((stage: FrameConvolution, i) => {
    const name = `${subject}.${i}`;
    checkWindow(name, stage);
    if (stage.left + stage.right + 1 < stage.size) {
      throw new RangeError(
        `Cannot use ${name}: left + right + 1 must be at least size, so that one row gives one, they are ${stage.left} + ${stage.right} + 1 and ${stage.size}`,
      );
    }
  });
  checkBands(stem, subject);
}

function checkBands(stem: readonly FrameConvolution[], subject: string): void {
  if (stem.every(({ bands }) => bands === undefined)) return;
  stem.forEach(({ bands }, i) => {
    const name = `${subject}.${i}.bands`;
    if (bands === undefined) throw new TypeError(`Cannot use ${name}: all convolutions must have them, or none`);
    checkWindow(name, bands);
    checkInteger(name, "rows", bands.rows, 1, 1024);
    const before = i === 0 ? bands.rows : bandRows(stem[i - 1]!);
    if (bands.rows !== before) {
      throw new RangeError(
        `Cannot use ${name}: rows must be the ${before} of the stage before, they are ${bands.rows}`,
      );
    }
    const after = bandRows(stem[i]!);
    const isLast = i === stem.length - 1;
    if (after < 1 || (isLast && after !== 1)) {
      throw new RangeError(
        `Cannot use ${name}: it must leave ${isLast ? "one row" : "a row or more"}, it leaves ${after}`,
      );
    }
  });
}

function checkWindow(name: string, window: Omit<BandConvolution, "rows">): void {
  checkKind(name, "the configuration", window, "object");
  checkInteger(name, "size", window.size, 1, 1024);
  checkInteger(name, "stride", window.stride, 1, 1024);
  checkInteger(name, "left", window.left, 0, window.size - 1);
  checkInteger(name, "right", window.right, 0, window.size - 1);
}
