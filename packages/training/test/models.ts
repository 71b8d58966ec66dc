// Small models of every kind, each a layout and a forward pass over any workspace: run with gradients and without.

import {
  type Backend,
  checkWeights,
  type DecoderConfig,
  type DecoderWeights,
  decode,
  describeLayout,
  encode,
  type EncoderConfig,
  initialWeights,
  layoutDecoder,
  layoutEncoder,
  layoutSetLabel,
  offsetsOf,
  planSelfAttention,
  projectMemory,
  randomStream,
  scoreSets,
  type SetLabelConfig,
  type Tensor,
  type WeightLeaf,
  type Weights,
  type WeightSpec,
  type Workspace,
} from "@saccade/attention-core";

/** A model with its batch. */
export interface SmallModel {
  readonly name: string;
  readonly specs: readonly WeightSpec[];
  readonly weights: Weights;
  /** Scores from weights that `find` gives. */
  readonly scores: (backend: Backend, workspace: Workspace, find: WeightLeaf<Tensor>) => Promise<Tensor>;
}

export const smallEncoder: EncoderConfig = {
  width: 8,
  heads: 2,
  layers: 2,
  feedForwardWidth: 12,
  activation: "gelu",
  norm: "layer",
  placement: "pre",
  epsilon: 1e-5,
  positions: { kind: "none" },
};

const lengths = [3, 0, 4, 1];
const offsets = offsetsOf(lengths);
const rows = 8;

/** Values in [-1, 1) that a seed draws. */
export function drawValues(seed: number, count: number): Float32Array {
  const random = randomStream(seed, "values");
  return Float32Array.from({ length: count }, () => 2 * random.uniform() - 1);
}

function drawIds(count: number, below: number): Int32Array {
  const random = randomStream(7, "ids");
  return Int32Array.from({ length: count }, () => Math.floor(random.uniform() * (below + 1)) - 1);
}

/** Initial weights, gains and biases among them moved off their special values. */
function drawWeights(specs: readonly WeightSpec[]): Weights {
  const weights = initialWeights(specs, 3);
  for (const [i, { values }] of [...weights.values()].entries()) {
    const noise = drawValues(i, values.length);
    for (let at = 0; at < values.length; at += 1) values[at] = values[at]! + 0.2 * noise[at]!;
  }
  checkWeights(specs, weights);
  return weights;
}

type Leaf<T> = WeightLeaf<T>;

function model(name: string, layout: (leaf: Leaf<unknown>) => unknown, scores: SmallModel["scores"]): SmallModel {
  const specs = describeLayout((leaf) => layout(leaf as Leaf<unknown>));
  return { name, specs, weights: drawWeights(specs), scores };
}

function encoderModel(name: string, change: Partial<EncoderConfig>): SmallModel {
  const config = { ...smallEncoder, ...change };
  const layout = <T>(leaf: Leaf<T>): { table: T; encoder: ReturnType<typeof layoutEncoder<T>> } => ({
    table: leaf({ name: "input.table", shape: [5, config.width], role: "embedding" }),
    encoder: layoutEncoder(config, leaf),
  });
  return model(name, layout, async (backend, workspace, find) => {
    const { table, encoder } = layout(find);
    const ids = workspace.upload(drawIds(rows, 5), [rows]);
    const plan = backend.plan(offsets, offsets, { kind: "full" });
    return (await encode(workspace, config, encoder, workspace.embed(table, ids), plan)).rows;
  });
}

function poolingModel(name: string, pooling: SetLabelConfig["pooling"]): SmallModel {
  const config: SetLabelConfig = { width: 8, labels: 3, pooling };
  const layout = <T>(leaf: Leaf<T>): { table: T; label: ReturnType<typeof layoutSetLabel<T>> } => ({
    table: leaf({ name: "input.table", shape: [5, 4], role: "embedding" }),
    label: layoutSetLabel(config, leaf),
  });
  return model(name, layout, async (backend, workspace, find) => {
    const { table, label } = layout(find);
    const ids = workspace.upload(drawIds(2 * rows, 5), [rows, 2]);
    return scoreSets(backend, workspace, config, label, workspace.embed(table, ids), offsets).scores;
  });
}

function decoderModel(): SmallModel {
  const config: DecoderConfig = { ...smallEncoder, memoryWidth: 6, rotary: {}, biases: false };
  const memoryOffsets = offsetsOf([2, 3, 0, 4]);
  const layout = <T>(leaf: Leaf<T>): { memory: T; table: T; decoder: DecoderWeights<T> } => ({
    memory: leaf({ name: "memory.table", shape: [9, 6], role: "embedding" }),
    table: leaf({ name: "input.table", shape: [5, 8], role: "embedding" }),
    decoder: layoutDecoder(config, leaf),
  });
  return model("decoder with cross-attention", layout, async (backend, workspace, find) => {
    const { memory, table, decoder } = layout(find);
    const known = workspace.embed(
      memory,
      workspace.upload(
        Int32Array.from({ length: 9 }, (_, i) => i),
        [9],
      ),
    );
    const keysValues = projectMemory(workspace, config, decoder, known, memoryOffsets);
    const x = workspace.embed(table, workspace.upload(drawIds(rows, 5), [rows]));
    const { rows: hidden } = await decode(workspace, config, decoder, x, planSelfAttention(backend, offsets), {
      memory: { keysValues, plan: backend.plan(offsets, memoryOffsets, { kind: "full" }) },
    });
    return hidden;
  });
}

/** Every brick of the core at least once. */
export function smallModels(): SmallModel[] {
  return [
    encoderModel("pre-norm encoder", { positions: { kind: "learned", count: 4 } }),
    encoderModel("post-norm encoder with relu", { placement: "post", activation: "relu" }),
    encoderModel("gated rms encoder, one key head", { norm: "rms", gated: true, activation: "silu", kvHeads: 1 }),
    encoderModel("rotary encoder with softcap", { rotary: { interleaved: true }, softcap: 2, activation: "geluTanh" }),
    encoderModel("encoder with relative bias", { positionBias: { kind: "relative", reach: 2 }, activation: "tanh" }),
    encoderModel("encoder with a bias on a grid", {
      positionBias: { kind: "relative2d", columns: 2, reach: [1, 1] },
      positions: { kind: "sinusoidal" },
      activation: "sigmoid",
    }),
    encoderModel("encoder with relu attention and alibi", { normalizer: "relu", positionBias: { kind: "alibi" } }),
    poolingModel("attention pooling", { kind: "attention", heads: 2, queries: 2 }),
    poolingModel("attention pooling without projections", {
      kind: "attention",
      heads: 2,
      queries: 2,
      projections: false,
    }),
    poolingModel("mean pooling", { kind: "mean" }),
    poolingModel("max pooling", { kind: "max" }),
    decoderModel(),
  ];
}
