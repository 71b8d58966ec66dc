// A whole model as an ONNX graph, its weights constants: a stem of convolutions or a linear map, positions, an encoder, a
// head. Sizes are fixed: onnxruntime has no sets of several lengths, and plans its memory once.
import {
  type EncoderConfig,
  layoutModel,
  type ModelConfig,
  type ModelWeights,
  sinusoidalGridPositions,
  sinusoidalPositions,
  type Weights,
} from "@saccade/attention-core";
import type { Contestant, HostArray } from "../contestant.ts";
import { attendNode, type OnnxSets } from "./onnx-attention-nodes.ts";
import { buildOnnx, linearNode, type NamedTensor, namedWeights, normNode, type OnnxBuilder } from "./onnx-builder.ts";
import { type OnnxConvolution, stemNodes } from "./onnx-convolution.ts";
import { encoderNodes } from "./onnx-encoder.ts";
import type { OnnxGraph } from "./onnx-model.ts";
import { onnxContestant, type OnnxRuntime } from "./onnxruntime.ts";

/** The sizes of a batch: N sets alike. */
export interface OnnxBatch extends OnnxSets {
  /** Of what a set holds: frames, or rows and columns of pixels. */
  readonly extent: readonly number[];
  /** Where the stages of the stem look. */
  readonly stem: readonly OnnxConvolution[];
}

/** The model of `config` over `values` [N, extent, I]: [N · P, L], or [N, L] where sets are labelled. */
export async function onnxNetwork(
  { open }: OnnxRuntime,
  config: ModelConfig,
  weights: Weights,
  batch: OnnxBatch,
  values: HostArray,
): Promise<Contestant> {
  const session = await open(exportModel(config, weights, batch));
  const { form, block, pattern } = batch;
  const way = pattern.kind === "full" ? "" : block === undefined ? ", all pairs masked" : `, blocks of ${block}`;
  return onnxContestant(`graph with ${form}${way}`, session, { values });
}

/** The graph alone. Throws `RangeError` for parts of a configuration that no case uses. */
export function exportModel(config: ModelConfig, weights: Weights, batch: OnnxBatch): OnnxGraph {
  const { input, encoder, head } = config;
  if (input.kind !== "convolutions") {
    throw new RangeError(`Cannot export a model: its input must be convolutions, it is ${input.kind}`);
  }
  const { sets, positions, extent, stem } = batch;
  const builder = buildOnnx();
  const tree = layoutModel(config, namedWeights(weights));
  const stages = stemNodes(builder, input.stages, stem, tree.input.stages, encoder, "values");
  const rows = builder.node("Reshape", [stages, builder.list(sets, positions, encoder.width)]);
  const normed = tree.input.norm ? normNode(builder, encoder, tree.input.norm, rows) : rows;
  const placed = addPositions(builder, encoder, tree.encoder.positions, positions, normed);
  const hidden = encoderNodes(builder, encoder, tree.encoder, placed, batch);
  const scores = headNodes(builder, tree.head, config, hidden, batch);
  return builder.finish(
    [{ name: "values", type: "float32", shape: [sets, ...extent, input.width] }],
    scores,
    head.kind === "position-labels" ? [sets, positions, head.labels] : [sets, head.labels],
  );
}

function addPositions(
  builder: OnnxBuilder,
  { positions: kind, width }: EncoderConfig,
  table: NamedTensor | null,
  positions: number,
  rows: string,
): string {
  const added = (): Float32Array | undefined => {
    switch (kind.kind) {
      case "none":
        return undefined;
      case "learned":
        return table!.values.subarray(0, positions * width);
      case "sinusoidal":
        return sinusoidalPositions(positions, width, kind.base);
      case "sinusoidalGrid":
        return sinusoidalGridPositions(Math.ceil(positions / kind.columns), kind.columns, width, kind.base).subarray(
          0,
          positions * width,
        );
    }
  };
  const values = added();
  return values ? builder.node("Add", [rows, builder.constant(values, [positions, width])]) : rows;
}

function headNodes(
  builder: OnnxBuilder,
  weights: ModelWeights<NamedTensor>["head"],
  { head, encoder: { width } }: ModelConfig,
  hidden: string,
  { sets, form }: OnnxSets,
): string {
  if (weights.kind === "position-labels" || head.kind === "position-labels") {
    return linearNode(builder, (weights as { labels: Parameters<typeof linearNode>[1] }).labels, hidden);
  }
  const { output, pooling } = weights.label;
  if (head.pooling.kind !== "attention" || !pooling) {
    const reductions: Readonly<Record<string, string>> = { mean: "ReduceMean", max: "ReduceMax", sum: "ReduceSum" };
    const reduction = reductions[head.pooling.kind];
    if (!reduction) throw new RangeError(`Cannot export a model: pooling "${head.pooling.kind}" is not known`);
    return linearNode(builder, output, builder.node(reduction, [hidden, builder.list(1)], { keepdims: 0 }));
  }
  const { queries = 1, heads } = head.pooling;
  const repeated = new Float32Array(sets * queries * width);
  for (let set = 0; set < sets; set++) repeated.set(pooling.queries.values, set * queries * width);
  const { projections } = pooling;
  const key = projections ? linearNode(builder, projections.key, hidden) : hidden;
  const value = projections ? linearNode(builder, projections.value, hidden) : hidden;
  const query = builder.constant(repeated, [sets, queries, width]);
  const pooled = attendNode(builder, form, heads, [query, key, value]);
  return linearNode(builder, output, builder.node("Reshape", [pooled, builder.list(sets, queries * width)]));
}
