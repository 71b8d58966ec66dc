// An encoder as an ONNX graph, its weights constants: MatMul and Add, attention, Gelu and LayerNormalization, which
// onnxruntime-web fuses as it likes.
import { type EncoderConfig, type EncoderWeights, layoutEncoder, type Weights } from "@saccade/attention-core";
import type { Contestant, HostArray } from "../contestant.ts";
import { attentionNodes, type OnnxSets } from "./onnx-attention-nodes.ts";
import {
  activationNode,
  buildOnnx,
  linearNode,
  type NamedTensor,
  namedWeights,
  normNode,
  type OnnxBuilder,
} from "./onnx-builder.ts";
import { convolutionNode } from "./onnx-convolution.ts";
import { onnxContestant, type OnnxRuntime } from "./onnxruntime.ts";

/** `rows` [positions, width], one set, through the encoder of `config`. */
export async function onnxEncoder(
  { open }: OnnxRuntime,
  config: EncoderConfig,
  weights: Weights,
  rows: HostArray,
): Promise<Contestant> {
  const positions = rows.length / config.width;
  const shape = [1, positions, config.width];
  const builder = buildOnnx();
  const encoded = encoderNodes(builder, config, layoutEncoder(config, namedWeights(weights)), "rows", {
    sets: 1,
    positions,
    pattern: { kind: "full" },
    form: "MultiHeadAttention",
  });
  const session = await open(builder.finish([{ name: "rows", type: "float32", shape }], encoded, shape));
  return onnxContestant("graph of operators", session, { rows });
}

/** `rows` [N, P, W], whose positions are added already, through the layers. Throws for settings that no case uses. */
export function encoderNodes(
  builder: OnnxBuilder,
  config: EncoderConfig,
  weights: EncoderWeights<NamedTensor>,
  rows: string,
  sets: OnnxSets,
): string {
  checkExportable(config);
  const { activation, convolution, placement } = config;
  const beside = (x: string, norm: Parameters<typeof normNode>[2], block: (input: string) => string): string =>
    placement === "post"
      ? normNode(builder, config, norm, builder.node("Add", [x, block(x)]))
      : builder.node("Add", [x, block(normNode(builder, config, norm, x))]);
  let x = rows;
  for (const layer of weights.layers) {
    const { attention, feedForward } = layer;
    if (convolution && layer.convolution) {
      const { left, right, activation: after } = convolution;
      const { linear, norm } = layer.convolution;
      const geometry = { kernel: [left + 1 + right], strides: [1], pads: [left, right] };
      x = beside(x, norm, (input) => activationNode(builder, after, convolutionNode(builder, geometry, linear, input)));
    }
    x = beside(x, layer.attentionNorm, (input) => {
      const projected = [attention.query, attention.key, attention.value].map((map) => linearNode(builder, map, input));
      const [query, key, value] = projected as [string, string, string];
      return linearNode(
        builder,
        attention.output,
        attentionNodes(builder, config, attention.relative, [query, key, value], sets),
      );
    });
    x = beside(x, layer.feedForwardNorm, (input) =>
      linearNode(
        builder,
        feedForward.down,
        activationNode(builder, activation, linearNode(builder, feedForward.up, input)),
      ),
    );
  }
  return weights.finalNorm ? normNode(builder, config, weights.finalNorm, x) : x;
}

function checkExportable({ kvHeads, headWidth, gated, scale, softcap, normalizer, rotary }: EncoderConfig): void {
  const settings = { kvHeads, headWidth, gated, scale, softcap, normalizer, rotary };
  const found = Object.entries(settings).find(([, value]) => value !== undefined);
  if (found) throw new RangeError(`Cannot export an encoder: ${found[0]} must be left out, it is set`);
}
