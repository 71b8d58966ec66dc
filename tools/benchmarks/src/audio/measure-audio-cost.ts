// Streams of 10 s to an hour through `speech/frames`, from samples to labelled segments, on a backend of their own each.
// Samples come in chunks as from a microphone, the same half minute over and over.
import { asyncDispose } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { createWasmBackend, type WasmBackend } from "@saccade/attention-core/wasm";
import { type ModelFiles, openModel } from "@saccade/model-files";
import { createPipeline, type OpenBackend, type Pipeline } from "@saccade/pipeline";
import {
  createSpeechStream,
  type FrameLabels,
  frames,
  type SpeechInput,
  type SpeechModelConfig,
  streamFrames,
} from "@saccade/speech-frames";
import { framesModel } from "@saccade/speech-frames/models/frames";
import { summarize } from "../measure.ts";
import type { AudioCost, AudioSpan } from "./audio-cost.ts";
import { babble } from "./babble.ts";

/** In seconds. */
const lengths = [10, 60, 600, 3600];
/** Shorter sound is heard as often in each round as fits this, up to `mostTimes`. */
const roundSeconds = 600;
const mostTimes = 8;
const rounds = 2;
const warmUpSeconds = 60;
const chunkSeconds = 0.1;
const blockSeconds = 1;
/** Ten seconds of sound fill such a batch; longer ones take no more memory and are no faster. */
const maxPositionsPerBatch = 1024;

/** Measures the lengths in turns. Throws if the first labels are not those of the reference backend for the whole. */
export async function measureAudioCost(name: string, threads: number): Promise<AudioCost> {
  const files = await openModel(framesModel);
  const config = files.config as SpeechModelConfig;
  const { sampleRate } = config.frames;
  const sound = babble(30, sampleRate);
  await checkLabels(files, config, sound.subarray(0, lengths[0]! * sampleRate), threads);

  const listeners: Listener[] = [];
  for (const seconds of lengths) listeners.push(await openListener(files, config, sound, seconds, threads));
  // Engines compile quickly first and well later.
  for (const { seconds, listen } of listeners) await listen(Math.min(seconds, warmUpSeconds));
  const samples: number[][] = lengths.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, { seconds, listen }] of listeners.entries()) {
      (globalThis as { gc?: () => void }).gc?.();
      const times = Math.max(1, Math.min(mostTimes, Math.floor(roundSeconds / seconds)));
      for (let time = 0; time < times; time++) samples[i]!.push(await listen(seconds));
    }
  }
  const spans = listeners.map(({ seconds, peakBytes }, i): AudioSpan => {
    const ms = summarize(samples[i]!).medianMs;
    return { seconds, ms, msPerSecond: ms / seconds, peakMemoryBytes: peakBytes() };
  });
  for (const { dispose } of listeners) await dispose();
  const { latencySeconds } = createSpeechStream(config, { sampleRate, blockSeconds });
  return { kind: "audio-cost", name, blockSeconds, latencySeconds, spans };
}

/** A pipeline that hears sound of one length again and again. */
interface Listener {
  readonly seconds: number;
  /** Hears so many seconds; the milliseconds that it takes. */
  readonly listen: (seconds: number) => Promise<number>;
  readonly peakBytes: () => number;
  readonly dispose: () => Promise<void>;
}

async function openListener(
  files: ModelFiles,
  config: SpeechModelConfig,
  sound: Float32Array,
  seconds: number,
  threads: number,
): Promise<Listener> {
  let backend: WasmBackend | undefined;
  const pipeline = await openFrames(files, async () => (backend = await createWasmBackend({ threads })));
  const { sampleRate } = config.frames;
  return {
    seconds,
    async listen(span) {
      const start = performance.now();
      let positions = 0;
      const chunks = chunksOf(sound, span * sampleRate, chunkSeconds * sampleRate);
      for await (const { labels } of streamFrames(pipeline, chunks, { model: files, sampleRate, blockSeconds })) {
        positions += labels.length;
      }
      if (positions === 0) throw new Error("a stream must give labels, it gave none");
      return performance.now() - start;
    },
    peakBytes: () => backend?.peakBytes ?? NaN,
    dispose: async () => pipeline[asyncDispose](),
  };
}

async function openFrames(model: ModelFiles, backend: OpenBackend): Promise<Pipeline<SpeechInput, FrameLabels>> {
  return createPipeline(frames, { model, backends: [backend], maxPositionsPerBatch });
}

/** Throws unless a stream of `samples` has the labels that the reference backend gives to all of them at once. */
async function checkLabels(
  files: ModelFiles,
  config: SpeechModelConfig,
  samples: Float32Array,
  threads: number,
): Promise<void> {
  const { sampleRate } = config.frames;
  const reference = await openFrames(files, () => createReferenceBackend());
  const [wanted] = await reference.run([{ samples, sampleRate }]);
  await reference[asyncDispose]();
  const pipeline = await openFrames(files, async () => createWasmBackend({ threads }));
  const found: string[] = [];
  const chunks = chunksOf(samples, samples.length, chunkSeconds * sampleRate);
  for await (const { labels } of streamFrames(pipeline, chunks, { model: files, sampleRate, blockSeconds })) {
    found.push(...labels);
  }
  await pipeline[asyncDispose]();
  const differing = wanted!.labels.filter((label, i) => found[i] !== label).length;
  if (differing > 0 || found.length !== wanted!.labels.length) {
    throw new Error(
      `labels must be the ${wanted!.labels.length} of the reference backend, there are ${found.length} and ${differing} differ`,
    );
  }
}

/** `total` samples of `sound`, from its beginning again whenever it ends. */
function* chunksOf(sound: Float32Array, total: number, size: number): Generator<Float32Array> {
  for (let at = 0; at < total; at += size) {
    const first = at % sound.length;
    yield sound.subarray(first, Math.min(first + size, sound.length, first + total - at));
  }
}
