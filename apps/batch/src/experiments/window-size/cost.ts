// What hearing costs by the length of the sound: processor time and memory of a model in use.

import {
  asyncDispose,
  dispose,
  layoutModel,
  runModel,
  type Tensor,
  uploadWeights,
  type Weights,
} from "@saccade/attention-core";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { speechFeatures, type SpeechModelConfig } from "@saccade/speech-frames";
import { noiseFrames } from "./strings.ts";

/** The cost of one recording. */
export interface Cost {
  readonly seconds: number;
  readonly positions: number;
  /** Pairs of positions of which scores are computed in each layer. */
  readonly pairs: number;
  /** Of processor time, so that other work of the machine counts little; the median of `repeats`. */
  readonly milliseconds: number;
  /** The most of the backend's memory that was in use, weights and the sound's frames among it. */
  readonly peakBytes: number;
}

const warmUpSeconds = 5;

/** Runs `seconds` of sound through the network on a backend of its own, with one thread. Rejects when `signal` aborts. */
export async function costOf(
  config: SpeechModelConfig,
  weights: Weights,
  seconds: number,
  repeats: number,
  signal: AbortSignal,
): Promise<Cost> {
  const backend = await createWasmBackend({ threads: 1 });
  const uploaded = uploadWeights(backend, weights);
  try {
    const layout = layoutModel<Tensor>(config.model, uploaded.find);
    const hear = async (length: number): Promise<Omit<Cost, "seconds" | "peakBytes">> => {
      const features = speechFeatures(config, [noiseFrames(config, length)]);
      const before = process.cpuUsage();
      const workspace = backend.workspace(signal);
      try {
        const { scores, plan } = await runModel(backend, workspace, config.model, layout, features);
        await workspace.read(scores);
        const { user, system } = process.cpuUsage(before);
        return { positions: features.offsets[1]!, pairs: plan.pairs, milliseconds: (user + system) / 1000 };
      } finally {
        workspace[dispose]();
      }
    };
    await hear(Math.min(seconds, warmUpSeconds));
    const runs: Omit<Cost, "seconds" | "peakBytes">[] = [];
    for (let run = 0; run < repeats; run += 1) runs.push(await hear(seconds));
    const median = runs.toSorted((a, b) => a.milliseconds - b.milliseconds)[Math.floor(repeats / 2)]!;
    return { ...median, seconds, peakBytes: backend.peakBytes };
  } finally {
    uploaded[dispose]();
    await backend[asyncDispose]();
  }
}
