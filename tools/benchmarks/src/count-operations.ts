// How much a network computes, so that its rate can be told: products and sums of linear maps and of attention over
// permitted pairs. Norms, activations and softmax count for nothing.
import { compilePlan, type Features, type ModelConfig } from "@saccade/attention-core";
import type { GraphFeatures, GraphNetworkConfig } from "@saccade/graph-nodes";

/** Of a model of convolutions over `features`. */
export function modelOperations({ input, encoder, head }: ModelConfig, features: Features): number {
  if (input.kind !== "convolutions")
    throw new RangeError(`Cannot count: the input must be convolutions, it is ${input.kind}`);
  const { offsets, convolutions = [], pattern } = features;
  const positions = offsets.at(-1)!;
  const { pairs } = compilePlan(offsets, offsets, pattern);
  const { layers, width, feedForwardWidth, convolution } = encoder;
  let before = input.width;
  let total = 0;
  for (const [stage, { taps, width: columns }] of input.stages.entries()) {
    total += 2 * (convolutions[stage]!.length / taps) * taps * before * columns;
    before = columns;
  }
  const taps = convolution ? convolution.left + 1 + convolution.right : 0;
  total += layers * (2 * positions * ((4 + taps) * width ** 2 + 2 * width * feedForwardWidth) + 4 * pairs * width);
  if (head.kind === "position-labels") return total + 2 * positions * width * head.labels;
  const { pooling } = head;
  const queries = pooling.kind === "attention" ? (pooling.queries ?? 1) : 0;
  const projected = pooling.kind === "attention" && pooling.projections !== false ? 4 * positions * width ** 2 : 0;
  return total + projected + 4 * queries * positions * width + 2 * (offsets.length - 1) * width * head.labels;
}

/** Of a network over graphs. */
export function graphOperations(config: GraphNetworkConfig, { values, pattern }: GraphFeatures): number {
  const nodes = pattern.offsets.length - 1;
  const edges = pattern.indices.length;
  const { input } = config;
  // A sparse feature is one row added; the flat array holds a count for each node too.
  let total = input.kind === "dense" ? 2 * values.length * input.width : (values.length - nodes) * input.width;
  let before = input.width;
  for (const { kind, heads, headWidth, combine, map, diffusion, residual, feedForward } of config.layers) {
    const width = heads * headWidth;
    const after = combine === "mean" ? headWidth : width;
    const maps = kind === "transformer" ? 3 : kind === "gatv2" ? 2 : map === false ? 0 : 1;
    total += 2 * nodes * before * width * maps;
    total += edges * (kind === "transformer" ? 2 * width : kind === "gatv2" ? 4 * width : 3 * heads);
    if (kind === "gat") total += 4 * nodes * width;
    total += (diffusion?.steps ?? 1) * 2 * edges * width;
    total += 2 * edges * edgeColumns(config, kind, heads, width);
    if (residual && before !== after) total += 2 * nodes * before * after;
    if (feedForward) total += 4 * nodes * after * feedForward.width;
    before = after;
  }
  const { head } = config;
  if (head.kind === "position-labels") return total + (head.map === false ? 0 : 2 * nodes * before * head.labels);
  return total + head.readout.length * nodes * before;
}

/** Products for what is known of an edge. */
function edgeColumns({ edges }: GraphNetworkConfig, kind: string, heads: number, width: number): number {
  if (!edges) return 0;
  if (edges.use === "bias") return edges.width * heads;
  const keys = edges.width * (kind === "gat" ? heads : width);
  return edges.use === "keys-values" && kind === "gat" ? keys + edges.width * width : keys;
}
