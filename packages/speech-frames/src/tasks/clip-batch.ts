// Recordings as a batch of sets: each whole, or in parts where it is long and the model can hear it so.

import type { Features } from "@saccade/attention-core";
import { audioAt, checkAudio } from "../audio/audio.ts";
import { frameCount } from "../frames/log-mel.ts";
import { clipPart, type ClipPart, clipParts, partTables, wholeClip } from "../model/clip-parts.ts";
import { normalizeFrames } from "../model/normalize.ts";
import { partsReach, reachOf } from "../model/reach.ts";
import type { SpeechModel, SpeechModelConfig } from "../model/speech-model.ts";
import { positionCount } from "../model/subsampling.ts";
import { type AudioExcerpt, excerptOf, type SpeechInput } from "./excerpt.ts";

/** Features of recordings, and where each set comes from. */
export interface ClipBatch extends Features {
  /** [N], ascending. */
  readonly inputOfSet: Int32Array;
  /** [N]. */
  readonly parts: readonly ClipPart[];
}

interface Heard {
  readonly input: number;
  readonly part: ClipPart;
  /** Those of the part [T, M]. */
  readonly frames: Float32Array;
}

/**
 * The sets of recordings. One of more than `longest` positions becomes parts of so many, each with what it sees beside
 * them; where the model has to hear it as a whole it stays one set.
 */
export function clipBatch(model: SpeechModel, inputs: readonly SpeechInput[], longest: number): ClipBatch {
  const { bands } = model.config.frames;
  const heard = inputs.flatMap((input, n) => hear(model, input, longest).map((part): Heard => ({ ...part, input: n })));
  const values = new Float32Array(heard.reduce((sum, { frames }) => sum + frames.length, 0));
  let at = 0;
  for (const { frames } of heard) {
    normalizeFrames(frames, bands, model.config.normalization, values, at);
    at += frames.length;
  }
  const parts = heard.map(({ part }) => part);
  return {
    ...partTables(model.config.stem, parts),
    values,
    pattern: model.config.pattern,
    inputOfSet: Int32Array.from(heard, ({ input }) => input),
    parts,
  };
}

/** About how many positions an input takes. */
export function positionsOfInput({ frames, stem }: SpeechModelConfig, { samples, sampleRate }: SpeechInput): number {
  return positionCount(frameCount((samples.length / sampleRate) * frames.sampleRate, frames), stem);
}

/** For each input of the batch the rows of the scores of its positions, in order. */
export function rowsOfInputs({ offsets, inputOfSet, parts }: ClipBatch, inputs: number): number[][] {
  const rows: number[][] = Array.from({ length: inputs }, () => []);
  parts.forEach(({ positions, keep }, n) => {
    const first = offsets[n]! - positions.from;
    for (let position = keep.from; position < keep.to; position += 1) rows[inputOfSet[n]!]!.push(first + position);
  });
  return rows;
}

/** The batch that features are. Throws `TypeError` for those that `clipBatch` did not make. */
export function asClipBatch(features: Features): ClipBatch {
  if (!("parts" in features) || !("inputOfSet" in features)) {
    throw new TypeError("Cannot decode scores: features must be those that this task made, they are others");
  }
  return features as ClipBatch;
}

function hear(model: SpeechModel, input: SpeechInput, longest: number): Omit<Heard, "input">[] {
  checkAudio(input);
  const excerpt = excerptOf(input);
  if (excerpt !== null) return [hearExcerpt(model, input, excerpt)];
  const { frames: frameConfig, stem } = model.config;
  const frames = model.extract(audioAt(input, frameConfig.sampleRate));
  const T = frames.length / frameConfig.bands;
  const reach = reachOf(model.config);
  const isLong = reach !== null && positionCount(T, stem) > longest;
  const parts = isLong ? clipParts(stem, T, longest, reach) : [wholeClip(stem, T)];
  return parts.map((part) => ({ part, frames: framesOfPart(frames, frameConfig.bands, part, 0) }));
}

function hearExcerpt(
  { config, extract }: SpeechModel,
  { samples, sampleRate }: SpeechInput,
  { firstFrame, isLast, keep }: AudioExcerpt["excerpt"],
): Omit<Heard, "input"> {
  const { frames: frameConfig, stem } = config;
  if (sampleRate !== frameConfig.sampleRate) {
    throw new RangeError(
      `Cannot read excerpt: sampleRate must be the model's ${frameConfig.sampleRate}, it is ${sampleRate}`,
    );
  }
  const frames = extract(samples);
  const end = firstFrame + frames.length / frameConfig.bands;
  const part = clipPart(stem, isLast ? end : Infinity, keep, partsReach(config, "read excerpt"));
  const { from, to } = part.rows[0]!;
  if (from < firstFrame || to > end || keep.to > part.positions.to) {
    throw new RangeError(
      `Cannot read excerpt: it must hold frames ${from} to ${to} for positions ${keep.from} to ${keep.to}, it has ${firstFrame} to ${end}`,
    );
  }
  return { part, frames: framesOfPart(frames, frameConfig.bands, part, firstFrame) };
}

function framesOfPart(frames: Float32Array, bands: number, { rows }: ClipPart, first: number): Float32Array {
  const { from, to } = rows[0]!;
  return frames.subarray((from - first) * bands, (to - first) * bands);
}
