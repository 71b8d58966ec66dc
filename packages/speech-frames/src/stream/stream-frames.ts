import type { Pipeline } from "@saccade/pipeline";
import { segmenter } from "../labels/segments.ts";
import { positionTimes } from "../model/subsampling.ts";
import type { SpeechInput } from "../tasks/excerpt.ts";
import type { FrameLabels } from "../tasks/frames.ts";
import { openStream, type SampleChunks, streamExcerpts, type StreamOptions } from "./stream-excerpts.ts";

/**
 * What is known since the update before: labels of the next positions, and the segments that have ended; the one that goes
 * on comes when it ends.
 */
export type FramesUpdate = FrameLabels;

/**
 * Labels of sound as it comes, by a pipeline of `frames`: all updates together are the output for the whole recording,
 * its labels and its segments. A chunk is samples, any number of them; how many makes no difference. Rejects as
 * `pipeline.stream` and `createSpeechStream` do.
 *
 * @example
 * for await (const { segments } of streamFrames(pipeline, microphone, { model, sampleRate: 48_000, signal })) {
 *   for (const { label, start, end } of segments) console.log(label, start, end);
 * }
 */
export async function* streamFrames(
  pipeline: Pipeline<SpeechInput, FrameLabels>,
  chunks: SampleChunks,
  options: StreamOptions,
): AsyncGenerator<FramesUpdate, void, void> {
  const { config, stream } = openStream(options);
  const times = positionTimes(config.frames, config.stem);
  const segments = segmenter(times);
  let positions = 0;
  for await (const output of streamExcerpts(pipeline, chunks, stream, options.signal)) {
    positions += output.labels.length;
    options.onProgress?.(times.center + (positions - 0.5) * times.step);
    yield { ...output, segments: segments.push(output.labels, output.scores) };
  }
  yield {
    segments: segments.finish(stream.seconds),
    labels: [],
    scores: new Float32Array(0),
    firstSeconds: times.center + positions * times.step,
    stepSeconds: times.step,
  };
}
