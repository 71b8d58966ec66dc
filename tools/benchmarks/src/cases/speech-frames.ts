// Half a minute of speech, frame by frame: the network alone with windows of several lengths, and all from samples to
// labels. onnxruntime has no windows that skip work: it masks pairs, or takes blocks, whichever is faster.
import { asyncDispose, modelNetwork } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { createWasmBackend, type WasmBackend } from "@saccade/attention-core/wasm";
import { openModel } from "@saccade/model-files";
import { createPipeline, type OpenBackend } from "@saccade/pipeline";
import { frameCount, frames, speechFeatures, type SpeechModelConfig, type SpeechPattern } from "@saccade/speech-frames";
import { framesModel } from "@saccade/speech-frames/models/frames";
import type { HostArray, PeerFactory, Prepared } from "../contestant.ts";
import { modelOperations } from "../count-operations.ts";
import { babble } from "../audio/babble.ts";
import { expectedScores, ourNetwork } from "../our-network.ts";
import type { OnnxAttentionForm } from "../peers/onnx-forms.ts";
import { randomNormals } from "../random.ts";
import type { BenchmarkCase } from "../shapes.ts";

/** Of one call. */
export const speechSeconds = 30;

/** Queries in a block of the peer's windows: of 8 to 128 the fastest for each window, or within 3 % of it. */
const block = 16;

/** The network over frames. */
export async function prepareSpeechFrames({
  reach,
  threads,
}: BenchmarkCase & { kind: "speech-frames" }): Promise<Prepared> {
  const files = await openModel(framesModel);
  const weights = await files.weights();
  const pattern: SpeechPattern = reach === null ? { kind: "full" } : { kind: "window", left: reach, right: reach };
  const config: SpeechModelConfig = { ...(files.config as SpeechModelConfig), pattern };
  const { model, stem, frames: frameConfig } = config;
  const count = frameCount(speechSeconds * frameConfig.sampleRate, frameConfig);
  const features = speechFeatures(config, [randomNormals(count * frameConfig.bands, 1)]);
  const network = modelNetwork(model);
  const batch = {
    sets: 1,
    positions: features.offsets.at(-1)!,
    extent: [count],
    stem: stem.map(({ size, stride, left, right }) => ({ kernel: [size], strides: [stride], pads: [left, right] })),
    pattern,
  };
  const peer = (form: OnnxAttentionForm, size?: number): PeerFactory => ({
    name: `onnxruntime-web graph with ${form}${size === undefined ? "" : " in blocks"}`,
    create: async ({ onnxNetwork }) =>
      onnxNetwork(
        model,
        weights,
        { ...batch, form, ...(size !== undefined && { block: size }) },
        features.values as HostArray,
      ),
  });
  return {
    work: {
      operations: modelOperations(model, features),
      positions: batch.positions,
      items: { unit: "audio seconds", count: speechSeconds },
    },
    tolerance: 2e-5,
    expected: async () => expectedScores(network, weights, features),
    ours: async () => ourNetwork(threads, network, weights, features),
    peers: [peer("MultiHeadAttention"), peer("Attention-23"), ...(reach === null ? [] : [peer("Attention-23", block)])],
  };
}

/** All of it: samples to frames, the network with the window that it was trained with, labels. Ours alone. */
export async function prepareSpeechLabels({ threads }: BenchmarkCase & { kind: "speech-labels" }): Promise<Prepared> {
  const files = await openModel(framesModel);
  const config = files.config as SpeechModelConfig;
  const { sampleRate } = config.frames;
  const samples = babble(speechSeconds, sampleRate);
  const count = frameCount(samples.length, config.frames);
  const features = speechFeatures(config, [new Float32Array(count * config.frames.bands)]);
  const positions = features.offsets.at(-1)!;
  const probabilities = async (
    backend: OpenBackend,
  ): Promise<{ run: () => Promise<HostArray>; dispose: () => Promise<void> }> => {
    const pipeline = await createPipeline(frames, { model: files, backends: [backend] });
    return {
      run: async () => (await pipeline.run([{ samples, sampleRate }]))[0]!.scores as HostArray,
      dispose: async () => pipeline[asyncDispose](),
    };
  };
  return {
    work: {
      operations: modelOperations(config.model, features),
      positions,
      items: { unit: "audio seconds", count: speechSeconds },
    },
    tolerance: 1e-4,
    async expected() {
      const reference = await probabilities(() => createReferenceBackend());
      const values = await reference.run();
      await reference.dispose();
      return { rows: Int32Array.from(values, (_, row) => row), width: 1, values };
    },
    async ours() {
      let backend: WasmBackend | undefined;
      const opened = await probabilities(async () => (backend = await createWasmBackend({ threads })));
      return { library: "saccade", name: "saccade", ...opened, memoryBytes: () => backend?.peakBytes ?? NaN };
    },
    peers: [],
  };
}
