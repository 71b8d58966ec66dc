// Convolutions of an exported model: Conv, which is what a training framework exports, with the channels first.
import type { LinearWeights, StemStage, StemStageWeights } from "@saccade/attention-core";
import { activationNode, type NamedTensor, normNode, type OnnxBuilder } from "./onnx-builder.ts";

/** Where a convolution looks, along each axis of its rows; `pads` are those before all axes, then those after. */
export interface OnnxConvolution {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly pads: readonly number[];
}

/** x [N, ..., columns before] to [N, ..., columns], by the linear map of rows side by side. */
export function convolutionNode(
  builder: OnnxBuilder,
  geometry: OnnxConvolution,
  weights: LinearWeights<NamedTensor>,
  x: string,
): string {
  const axes = geometry.kernel.length;
  return channelsLast(builder, axes, channelsFirstNode(builder, geometry, weights, channelsFirst(builder, axes, x)));
}

/** The stages of a stem over x [N, ..., I]: rows [N, ..., W]. Norms are over channels, for which these must be last. */
export function stemNodes(
  builder: OnnxBuilder,
  stages: readonly StemStage[],
  geometry: readonly OnnxConvolution[],
  weights: readonly StemStageWeights<NamedTensor>[],
  norm: Parameters<typeof normNode>[1],
  x: string,
): string {
  const axes = geometry[0]!.kernel.length;
  let [rows, isLast] = [x, true];
  for (const [stage, { activation }] of stages.entries()) {
    const { linear, norm: gains } = weights[stage]!;
    rows = channelsFirstNode(builder, geometry[stage]!, linear, isLast ? channelsFirst(builder, axes, rows) : rows);
    isLast = gains !== null;
    if (gains) rows = normNode(builder, norm, gains, channelsLast(builder, axes, rows));
    rows = activationNode(builder, activation, rows);
  }
  return isLast ? rows : channelsLast(builder, axes, rows);
}

function channelsFirstNode(
  builder: OnnxBuilder,
  { kernel, strides, pads }: OnnxConvolution,
  { weight, bias }: LinearWeights<NamedTensor>,
  x: string,
): string {
  const taps = kernel.reduce((product, size) => product * size, 1);
  const [rows = 0, outputs = 0] = weight.shape;
  const inputs = rows / taps;
  const values = new Float32Array(weight.values.length);
  for (let out = 0, at = 0; out < outputs; out++) {
    for (let channel = 0; channel < inputs; channel++) {
      for (let tap = 0; tap < taps; tap++) values[at++] = weight.values[(tap * inputs + channel) * outputs + out]!;
    }
  }
  const constants = [builder.constant(values, [outputs, inputs, ...kernel]), ...(bias ? [builder.weight(bias)] : [])];
  return builder.node("Conv", [x, ...constants], { kernel_shape: kernel, strides, pads });
}

function channelsFirst(builder: OnnxBuilder, axes: number, x: string): string {
  return builder.node("Transpose", [x], {
    perm: [0, axes + 1, ...Array.from({ length: axes }, (_, axis) => axis + 1)],
  });
}

function channelsLast(builder: OnnxBuilder, axes: number, x: string): string {
  return builder.node("Transpose", [x], { perm: [0, ...Array.from({ length: axes }, (_, axis) => axis + 2), 1] });
}
