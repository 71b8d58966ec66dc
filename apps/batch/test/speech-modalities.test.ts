// The tasks on speech against the contract of a modality, with small models whose weights are drawn.

import { createWasmBackend } from "@saccade/attention-core/wasm";
import { describeModality } from "@saccade/conformance";
import { digits, digitStrings, frames, speaker } from "@saccade/speech-frames";
import { describe, test } from "vitest";
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
