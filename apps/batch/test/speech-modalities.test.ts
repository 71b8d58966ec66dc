// The tasks on speech against the contract of a modality: with small models whose weights are drawn, which cut recordings
// into parts here, and with those that are shipped, which are also streamed.

import { createWasmBackend } from "@saccade/attention-core/wasm";
import { describeModality } from "@saccade/conformance";
import { openModel } from "@saccade/model-files";
import { createPipeline } from "@saccade/pipeline";
import { digits, digitStrings, frames, speaker, streamDigitStrings, streamFrames } from "@saccade/speech-frames";
import { digitStringsModel } from "@saccade/speech-frames/models/digit-strings";
import { framesModel } from "@saccade/speech-frames/models/frames";
import { describe, expect, test } from "vitest";
import { smallFiles, smallModel, sound } from "../../../packages/speech-frames/test/small-model.ts";

/** Of several lengths and rates, one shorter than a frame, one empty. */
const inputs = [
  { samples: sound(0.4), sampleRate: 8000 },
  { samples: sound(0.01), sampleRate: 8000 },
  { samples: sound(1.1, 16_000, 2), sampleRate: 16_000 },
  { samples: new Float32Array(0), sampleRate: 8000 },
  { samples: sound(0.7, 8000, 3), sampleRate: 8000 },
];
const refused = [
  new Float32Array(8000),
  5,
  null,
  undefined,
  {},
  "a.wav",
  { samples: [0], sampleRate: 8000 },
  { samples: Float32Array.of(Number.NaN), sampleRate: 8000 },
  { samples: new Float32Array(9), sampleRate: 0 },
];

const clips = { head: "set-label", labels: ["ada", "bob", "cleo"], normalization: "utterance" } as const;

for (const task of [digits, speaker]) {
  const model = (): ReturnType<typeof smallFiles> => smallFiles(smallModel(clips));
  describeModality(task, { model, inputs, refused, backend: createWasmBackend }, { describe, test });
}

/** Parts of a recording beside whole ones, which are cut into sets here. */
const excerpt = {
  samples: sound(0.7, 8000, 4),
  sampleRate: 8000,
  excerpt: { firstFrame: 0, isLast: false, keep: { from: 0, to: 4 } },
};
const trial = {
  model: () => smallFiles(smallModel()),
  inputs: [...inputs, excerpt],
  refused,
  settings: { longest: 9 },
};

describeModality(frames, trial, { describe, test });
describeModality(digitStrings, trial, { describe, test });

const shipped = { inputs, refused, backend: createWasmBackend };
describeModality(frames, { ...shipped, model: () => openModel(framesModel) }, { describe, test });
describeModality(digitStrings, { ...shipped, model: () => openModel(digitStringsModel) }, { describe, test });

describe("shipped models give a stream what they give the whole", () => {
  const recording = { samples: sound(6, 16_000, 5), sampleRate: 16_000 };
  const { sampleRate } = recording;
  function* chunks(): Generator<Float32Array> {
    for (let at = 0; at < recording.samples.length; at += 999) yield recording.samples.subarray(at, at + 999);
  }

  test("speech/frames", async () => {
    const model = await openModel(framesModel);
    await using pipeline = await createPipeline(frames, { model, backends: [createWasmBackend] });
    const [whole] = await pipeline.run([recording]);
    const [labels, scores]: [string[], number[]] = [[], []];
    for await (const update of streamFrames(pipeline, chunks(), { model, sampleRate, blockSeconds: 0.5 })) {
      labels.push(...update.labels);
      scores.push(...update.scores);
    }
    expect(labels).toEqual(whole!.labels);
    scores.forEach((score, i) => expect(Math.abs(score - whole!.scores[i]!)).toBeLessThan(1e-6));
  });

  test("speech/digit-strings", async () => {
    const model = await openModel(digitStringsModel);
    await using pipeline = await createPipeline(digitStrings, { model, backends: [createWasmBackend] });
    const [whole] = await pipeline.run([recording]);
    const labels: string[] = [];
    let logProbability = 0;
    for await (const update of streamDigitStrings(pipeline, chunks(), { model, sampleRate, blockSeconds: 0.5 })) {
      labels.push(...update.labels);
      ({ logProbability } = update);
    }
    expect(labels).toEqual(whole!.labels);
    expect(logProbability).toBeCloseTo(whole!.logProbability, 4);
  });
});
