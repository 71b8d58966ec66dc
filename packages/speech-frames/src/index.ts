// Speech: sound to frames, what a model hears of it, the tasks, and how well they do.

export { type Audio, audioAt, checkAudio } from "./audio/audio.ts";
export { AudioFormatError } from "./audio/audio-format-error.ts";
export { readWav } from "./audio/read-wav.ts";
export { createResampler, resample, type Resampler } from "./audio/resample.ts";
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
export { fixedNormalization, type FrameNormalization } from "./model/normalize.ts";
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
  type FrameConvolution,
  positionCount,
  type PositionTimes,
  positionTimes,
  subsamplingOf,
} from "./model/subsampling.ts";
