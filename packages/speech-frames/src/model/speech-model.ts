// What the files of a speech model say besides its weights: the network, its labels, how sound becomes frames and frames
// positions. Training writes it and tasks read it, so that both see the same.

import {
  type AttentionPattern,
  checkModelConfig,
  type Features,
  type Head,
  type ModelConfig,
  ModelMismatchError,
} from "@saccade/attention-core";
import { checkLogMelConfig, type LogMelConfig, type LogMelExtractor, logMelExtractor } from "../frames/log-mel.ts";
import { checkNormalization, type FrameNormalization, normalizeFrames } from "./normalize.ts";
import { partTables, wholeClip } from "./clip-parts.ts";
import { checkStemConvolutions, type FrameConvolution, tapsOf } from "./subsampling.ts";

/** What config.json of a speech model says, besides name and version. */
export interface SpeechModelConfig {
  /** Its input is of kind "convolutions", its stages those of `stem`. */
  readonly model: ModelConfig;
  /** L names, in the order of the scores. For CTC the first is the blank. */
  readonly labels: readonly string[];
  readonly frames: LogMelConfig;
  readonly normalization: FrameNormalization;
  /** How the stages of the model's input move along time; their strides make fewer positions than frames. */
  readonly stem: readonly FrameConvolution[];
  /** Which positions of a clip may attend to each other. With a window, cost is linear in the clip's length. */
  readonly pattern: SpeechPattern;
}

/** The patterns that are of use for speech. */
export type SpeechPattern = Extract<AttentionPattern, { readonly kind: "full" | "window" }>;

/** A speech model, ready to hear. */
export interface SpeechModel {
  readonly config: SpeechModelConfig;
  readonly extract: LogMelExtractor;
}

/** What is needed of the files of a model; `ModelFiles` of @saccade/model-files has it. */
export interface SpeechModelFiles {
  readonly name: string;
  readonly config: unknown;
}

/**
 * What the network reads of clips, each the log-mel frames [T, M] that `logMelExtractor(config.frames)` makes of it, T at
 * least 1: frames normalised, the tables of the convolutions, and one set for each clip. Throws `RangeError` for clips of
 * no whole number of frames.
 */
export function speechFeatures(config: SpeechModelConfig, clips: readonly Float32Array[]): Features {
  const { bands } = config.frames;
  const frameOffsets = new Int32Array(clips.length + 1);
  clips.forEach((frames, n) => {
    if (frames.length === 0 || frames.length % bands !== 0) {
      throw new RangeError(
        `Cannot use frames: clip ${n} must have one or more of ${bands} numbers, it has ${frames.length} numbers`,
      );
    }
    frameOffsets[n + 1] = frameOffsets[n]! + frames.length / bands;
  });
  const values = new Float32Array(frameOffsets.at(-1)! * bands);
  clips.forEach((frames, n) => {
    normalizeFrames(frames, bands, config.normalization, values, frameOffsets[n]! * bands);
  });
  const parts = clips.map((_, n) => wholeClip(config.stem, frameOffsets[n + 1]! - frameOffsets[n]!));
  return { ...partTables(config.stem, parts), values, pattern: config.pattern };
}

/**
 * Opens the files of a model for a task, whose network must have the head `head`. Throws `ModelMismatchError` if the
 * configuration is of another kind of model or does not agree with itself, and the signal's reason if it has aborted.
 */
export function openSpeechModel(files: SpeechModelFiles, task: string, head: Head, signal?: AbortSignal): SpeechModel {
  signal?.throwIfAborted();
  const refuse = (rule: string, options?: ErrorOptions): never => {
    throw new ModelMismatchError(`Cannot open model "${files.name}" as ${task}: ${rule}`, options);
  };
  const value = files.config;
  if (typeof value !== "object" || value === null) return refuse("its configuration must be an object, it is none");
  const config = value as SpeechModelConfig;
  try {
    checkSpeechModelConfig(config);
    const { kind } = config.model.head;
    if (kind !== head) refuse(`head must be "${head}", the model has "${kind}"`);
    return { config, extract: logMelExtractor(config.frames) };
  } catch (cause) {
    if (cause instanceof ModelMismatchError) throw cause;
    return refuse((cause as Error).message, { cause });
  }
}

/**
 * Throws `TypeError` or `RangeError` unless network, labels, frames, normalisation, stem and pattern are what they should
 * be and fit one another.
 */
export function checkSpeechModelConfig(config: SpeechModelConfig): void {
  const { model, labels, frames, normalization, stem, pattern } = config;
  checkModelConfig(model);
  checkLogMelConfig(frames);
  checkNormalization(normalization, frames.bands);
  checkStemConvolutions(stem);
  const { input, head } = model;
  const columns = stem[0]!.bands ? 1 : frames.bands;
  if (input.kind !== "convolutions" || input.width !== columns || input.stages.length !== stem.length) {
    const actual = input.kind === "convolutions" ? `${input.stages.length} over ${input.width} columns` : input.kind;
    throw new RangeError(
      `Cannot use model: its input must be ${stem.length} convolutions over ${columns} columns, as stem and frames are, it is ${actual}`,
    );
  }
  if (stem[0]!.bands && stem[0]!.bands.rows !== frames.bands) {
    throw new RangeError(
      `Cannot use stem.0.bands: rows must be the ${frames.bands} bands of a frame, they are ${stem[0]!.bands.rows}`,
    );
  }
  stem.forEach((convolution, i) => {
    const size = tapsOf(convolution);
    const { taps } = input.stages[i]!;
    if (taps !== size)
      throw new RangeError(`Cannot use stem.${i}: size must be the stage's taps ${taps}, it is ${size}`);
  });
  if (!Array.isArray(labels) || !labels.every((label) => typeof label === "string")) {
    throw new TypeError("Cannot use model: labels must be a list of strings, they are none");
  }
  if (labels.length !== head.labels) {
    throw new RangeError(
      `Cannot use model: labels must be as many as the head scores, ${head.labels}; there are ${labels.length}`,
    );
  }
  checkSpeechPattern(pattern);
}

function checkSpeechPattern(pattern: SpeechPattern | undefined): void {
  if (pattern?.kind === "full") return;
  const isReach = (reach: unknown): boolean => Number.isSafeInteger(reach) && (reach as number) >= -1;
  if (pattern?.kind === "window" && pattern.offset === undefined && isReach(pattern.left) && isReach(pattern.right)) {
    return;
  }
  throw new RangeError("Cannot use model: pattern must be full, or a window with left and right, it is neither");
}
