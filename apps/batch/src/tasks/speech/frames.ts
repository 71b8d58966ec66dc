// The task speech/frames on the command line. `evaluate` joins the recordings of its file to strings, the same each time;
// see `evaluationStrings`.

import { frameCount, type FrameLabels, frameLengths, frames } from "@saccade/speech-frames";
import type { Pipeline } from "@saccade/pipeline";
import { framesModel } from "@saccade/speech-frames/models/frames";
import { openPipeline } from "../open-pipeline.ts";
import type { Task } from "../task.ts";
import { audioOf } from "./audio-input.ts";
import { type DigitString, evaluationStrings, labelsAt } from "./joined-digits.ts";
import { fileOfRecordings, readRecordings } from "./recordings.ts";

/** Frames that accuracy counts: those of 25 ms every 10 ms, whatever the positions of the model are. */
const counted = {
  sampleRate: 8000,
  windowMilliseconds: 25,
  hopMilliseconds: 10,
  bands: 1,
  lowestHz: 0,
  highestHz: 4000,
} as const;

/** What is said at each moment. */
export const framesTask: Task = {
  name: "speech/frames",
  summary: "which digit is said when, in strings of them",
  shipped: framesModel,
  labelled: `${fileOfRecordings}; they are joined to strings`,
  async open(options) {
    const pipeline = await openPipeline(frames, options);
    return {
      pipeline: pipeline as Pipeline<unknown, unknown>,
      inputOf: audioOf,
      fieldsOf: (output) => ({ segments: (output as FrameLabels).segments }),
      evaluate: async ({ data, signal, onProgress }) => {
        const { sampleRate } = counted;
        const recordings = readRecordings(data.text(), (path) => data.beside(path).bytes(), sampleRate);
        const strings = evaluationStrings(recordings, sampleRate);
        const found = await pipeline.run(
          strings.map(({ samples }) => ({ samples, sampleRate })),
          { signal, onProgress: ({ percent }) => onProgress(percent / 100) },
        );
        const counts = strings.map((string, n) => rightFrames(string, found[n]!));
        const sum = (part: "right" | "count"): number => counts.reduce((total, each) => total + each[part], 0);
        return [{ metric: "frame accuracy", value: sum("right") / sum("count"), count: sum("count"), data: data.name }];
      },
    };
  },
};

/** How many frames of a string have the label that was found at the position next to their middle. */
function rightFrames(
  string: DigitString,
  { labels, firstSeconds, stepSeconds }: FrameLabels,
): { readonly right: number; readonly count: number } {
  const { windowSamples, hopSamples } = frameLengths(counted);
  const count = frameCount(string.samples.length, counted);
  let right = 0;
  labelsAt(string, count, windowSamples / 2, hopSamples).forEach((gold, t) => {
    const seconds = (t * hopSamples + windowSamples / 2) / counted.sampleRate;
    const position = Math.round((seconds - firstSeconds) / stepSeconds);
    const label = labels[Math.min(Math.max(position, 0), labels.length - 1)];
    if (label === (gold === 0 ? "silence" : String(gold - 1))) right += 1;
  });
  return { right, count };
}
