// Sound as it comes, cut into excerpts that a task on positions takes. Each holds some new positions and the sound that
// these see beside them, which is heard again with the next: what comes out is what the whole recording gives.

import { checkPositive } from "@saccade/attention-core";
import { checkFinite, checkSampleRate } from "../audio/audio.ts";
import { createResampler } from "../audio/resample.ts";
import { sampleBuffer } from "../audio/sample-buffer.ts";
import { frameCount, frameLengths } from "../frames/log-mel.ts";
import { clipPart } from "../model/clip-parts.ts";
import { partsReach } from "../model/reach.ts";
import { checkSpeechModelConfig, type SpeechModelConfig } from "../model/speech-model.ts";
import { positionCount, positionTimes } from "../model/subsampling.ts";
import type { AudioExcerpt } from "../tasks/excerpt.ts";

/** How sound comes, and how much of it is heard at a time. */
export interface SpeechStreamSettings {
  /** Of the samples that come. */
  readonly sampleRate: number;
  /**
   * New sound in each excerpt; default 1. What the model sees beside it is computed again for each excerpt: short ones
   * answer sooner, long ones cost less.
   */
  readonly blockSeconds?: number;
}

/** A recording whose end is not known yet. */
export interface SpeechStream {
  /** The next samples, any number; returns the excerpts that they complete, in order. Throws for samples that are not finite. */
  push(samples: Float32Array): AudioExcerpt[];
  /** The excerpts that end with the recording. Nothing can come after it. */
  finish(): AudioExcerpt[];
  /** Seconds of sound received. */
  readonly seconds: number;
  /** From the middle of a position's sound to when it can be computed, at most: what the model sees after it, and the block. */
  readonly latencySeconds: number;
  /** The part of it that the model needs, whatever the block. */
  readonly lookAheadSeconds: number;
}

/**
 * Opens a stream for a model that hears as far as a window. Throws `ModelMismatchError` for a model that has to hear a
 * recording as a whole (full attention, normalisation by its mean), `TypeError` or `RangeError` for settings.
 *
 * @example
 * const stream = createSpeechStream(config, { sampleRate: 48_000 });
 * for (const excerpt of stream.push(samples)) outputs.push(...(await pipeline.run([excerpt])));
 */
export function createSpeechStream(
  config: SpeechModelConfig,
  { sampleRate, blockSeconds = 1 }: SpeechStreamSettings,
): SpeechStream {
  const action = "stream speech";
  checkSpeechModelConfig(config);
  checkSampleRate(action, sampleRate);
  checkPositive(action, "blockSeconds", blockSeconds);
  const reach = partsReach(config, action);
  const { frames, stem } = config;
  const { windowSamples, hopSamples } = frameLengths(frames);
  const { center, step } = positionTimes(frames, stem);
  const size = Math.max(1, Math.round(blockSeconds / step));
  const resampler = createResampler(sampleRate, frames.sampleRate);
  const buffer = sampleBuffer();
  let [block, received, isFinished] = [0, 0, false];

  /** The next excerpt of a recording of so many frames (Infinity: more will come), if all that it needs is there. */
  const nextExcerpt = (total: number): AudioExcerpt | null => {
    const P = total === Infinity ? Infinity : positionCount(total, stem);
    const keep = { from: block * size, to: Math.min(P, (block + 1) * size) };
    if (keep.from >= P) return null;
    const { from, to } = clipPart(stem, total, keep, reach).rows[0]!;
    const end = (to - 1) * hopSamples + windowSamples;
    if (total === Infinity && end > buffer.end) return null;
    block += 1;
    // A recording shorter than a frame has fewer samples than that; `logMelExtractor` fills it up.
    const samples = buffer.slice(from * hopSamples, Math.min(end, buffer.end));
    const next = { from: block * size, to: (block + 1) * size };
    buffer.dropBefore(clipPart(stem, Infinity, next, reach).rows[0]!.from * hopSamples);
    return { samples, sampleRate: frames.sampleRate, excerpt: { firstFrame: from, isLast: to === total, keep } };
  };
  const excerpts = (total: number): AudioExcerpt[] => {
    const found: AudioExcerpt[] = [];
    for (let next = nextExcerpt(total); next !== null; next = nextExcerpt(total)) found.push(next);
    return found;
  };
  const latencyOf = (positions: number): number => {
    // Far from the beginning, where nothing is cut off.
    const from = reach.left + 1000;
    const { to } = clipPart(stem, Infinity, { from, to: from + positions }, reach).rows[0]!;
    const heard = ((to - 1) * hopSamples + windowSamples) / frames.sampleRate;
    return heard - (center + from * step) + resampler.latencySeconds;
  };
  const checkOpen = (): void => {
    if (isFinished) throw new Error(`Cannot ${action}: the stream must be open, it is finished`);
  };
  return {
    latencySeconds: latencyOf(size),
    lookAheadSeconds: latencyOf(1),
    get seconds() {
      return received / sampleRate;
    },
    push(samples) {
      checkOpen();
      if (!(samples instanceof Float32Array)) {
        throw new TypeError(`Cannot ${action}: samples must be a Float32Array, they are not`);
      }
      checkFinite(action, samples);
      received += samples.length;
      buffer.append(resampler.push(samples));
      return excerpts(Infinity);
    },
    finish() {
      checkOpen();
      isFinished = true;
      buffer.append(resampler.finish());
      return excerpts(frameCount(buffer.end, frames));
    },
  };
}
