// What is done to frames before a model sees them.

import { checkKind, checkPositive } from "@saccade/attention-core";
import { bandMeans, type FrameLevel, levelFrames } from "./level-frames.ts";

/** How frames are brought to a scale. */
export type FrameNormalization =
  /** The mean of each band over the clip is taken away: what a microphone and a distance add. Needs the whole clip. */
  | "utterance"
  /** Nothing. */
  | "none"
  | FixedNormalization;

/** (frame - mean) · scale, M numbers each, from training: each frame is its own, as streams need it. */
export interface FixedNormalization {
  readonly mean: readonly number[];
  readonly scale: readonly number[];
  /** Frames are told from how loud their clip is before, see `levelFrames`. Needs the whole clip. Default: they are not. */
  readonly level?: FrameLevel;
}

/** Writes frames [T, M], normalised, to `target` from number `at` on. */
export function normalizeFrames(
  frames: Float32Array,
  bands: number,
  normalization: FrameNormalization,
  target: Float32Array,
  at: number,
): void {
  if (normalization === "none") {
    target.set(frames, at);
    return;
  }
  const rows = frames.length / bands;
  const { mean, scale, level } =
    normalization === "utterance" ? { mean: bandMeans(frames, bands), scale: null, level: undefined } : normalization;
  const values = level ? levelFrames(frames, bands, level) : frames;
  for (let row = 0, i = 0; row < rows; row += 1) {
    for (let band = 0; band < bands; band += 1, i += 1) {
      target[at + i] = (values[i]! - mean[band]!) * (scale?.[band] ?? 1);
    }
  }
}

/**
 * Mean and 1 / standard deviation of each band over all frames [T, M] of clips, told from how loud each clip is if there is
 * a `level`: a fixed normalisation for a configuration.
 */
export function fixedNormalization(
  clips: readonly Float32Array[],
  bands: number,
  level?: FrameLevel,
): FixedNormalization {
  const sums = new Float64Array(bands);
  const squares = new Float64Array(bands);
  let rows = 0;
  for (const clip of clips) {
    const frames = level ? levelFrames(clip, bands, level) : clip;
    rows += frames.length / bands;
    for (let i = 0; i < frames.length; i += 1) {
      sums[i % bands]! += frames[i]!;
      squares[i % bands]! += frames[i]! ** 2;
    }
  }
  if (rows === 0) throw new RangeError("Cannot measure frames: clips must have at least one frame, they have 0");
  const mean = Array.from(sums, (sum) => sum / rows);
  // A band that never changes keeps its scale.
  const scale = Array.from(squares, (square, band) => {
    const variance = square / rows - mean[band]! ** 2;
    return variance > 1e-12 ? 1 / Math.sqrt(variance) : 1;
  });
  const rounded = (values: readonly number[]): number[] => values.map((value) => Number(value.toPrecision(7)));
  return { mean: rounded(mean), scale: rounded(scale), ...(level && { level }) };
}

/** Throws `TypeError` or `RangeError` unless `normalization` is one for frames of `bands` numbers. */
export function checkNormalization(normalization: FrameNormalization, bands: number, subject = "normalization"): void {
  if (normalization === "utterance" || normalization === "none") return;
  checkKind(subject, "it", normalization, "object");
  for (const field of ["mean", "scale"] as const) {
    const values: readonly number[] = normalization[field];
    if (!Array.isArray(values) || values.length !== bands || !values.every((value) => Number.isFinite(value))) {
      throw new RangeError(`Cannot use ${subject}: ${field} must be ${bands} finite numbers, it is not`);
    }
  }
  const { level } = normalization;
  if (level === undefined) return;
  checkKind(subject, "level", level, "object");
  checkPositive(subject, "level.floor", level.floor);
  const { mean = 0 } = level;
  if (!(mean >= 0 && mean <= 1)) {
    throw new RangeError(`Cannot use ${subject}: level.mean must be 0 to 1, it is ${mean}`);
  }
}
