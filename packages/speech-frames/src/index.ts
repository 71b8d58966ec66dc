// Speech: sound to frames, what a model hears of it, the tasks, and how well they do.

export { type Audio, audioAt, checkAudio } from "./audio/audio.ts";
export { AudioFormatError } from "./audio/audio-format-error.ts";
export { readWav } from "./audio/read-wav.ts";
export { createResampler, resample, type Resampler } from "./audio/resample.ts";
export { createCtcSearch, searchCtc } from "./ctc/create-search.ts";
export type { CtcResult, CtcSearch, CtcSettings } from "./ctc/ctc-search.ts";
export {
  checkLogMelConfig,
  frameCount,
  frameLengths,
  type FrameLengths,
  logMel,
  type LogMelConfig,
  type LogMelExtractor,
  logMelExtractor,
  type LogMelOptions,
} from "./frames/log-mel.ts";
export { hzOfMel, type MelBand, melBands, type MelBandSettings, melOfHz, warpHz } from "./frames/mel-bands.ts";
export { type Segment, segmenter, type Segmenter } from "./labels/segments.ts";
export { type Accuracy, accuracyOf } from "@saccade/attention-core";
export { type Edits, editsOf, type ErrorRate, errorRateOf } from "./metrics/edit-distance.ts";
export type { Range, Reach } from "./model/clip-parts.ts";
export type { FrameLevel } from "./model/level-frames.ts";
export { type FixedNormalization, fixedNormalization, type FrameNormalization } from "./model/normalize.ts";
export { reachOf } from "./model/reach.ts";
export {
  checkSpeechModelConfig,
  openSpeechModel,
  speechFeatures,
  type SpeechModel,
  type SpeechModelConfig,
  type SpeechModelFiles,
  type SpeechPattern,
} from "./model/speech-model.ts";
export {
  type BandConvolution,
  bandRows,
  type FrameConvolution,
  positionCount,
  type PositionTimes,
  positionTimes,
  subsamplingOf,
  tapsOf,
} from "./model/subsampling.ts";
export { createSpeechStream, type SpeechStream, type SpeechStreamSettings } from "./stream/speech-stream.ts";
export { type DigitStreamOptions, type DigitsUpdate, streamDigitStrings } from "./stream/stream-digit-strings.ts";
export type { SampleChunks, StreamOptions } from "./stream/stream-excerpts.ts";
export { type FramesUpdate, streamFrames } from "./stream/stream-frames.ts";
export type { ClipLabel, LabelScore } from "./tasks/clip-label.ts";
export { type DigitString, digitStrings, type DigitStringSettings } from "./tasks/digit-strings.ts";
export { digits } from "./tasks/digits.ts";
export type { AudioExcerpt, SpeechInput } from "./tasks/excerpt.ts";
export { type FrameLabels, frames } from "./tasks/frames.ts";
export type { LongAudioSettings } from "./tasks/settings.ts";
export { speaker } from "./tasks/speaker.ts";
