// The encoder of the encoder cases as an ONNX graph, its weights constants: MatMul and Add, MultiHeadAttention, Gelu and
// LayerNormalization, which onnxruntime-web fuses as it likes.
import { type EncoderConfig, layoutEncoder, type Weights } from "@saccade/attention-core";
import type { Contestant, HostArray } from "../contestant.ts";
import type { OnnxNode, OnnxValue } from "./onnx-model.ts";
import { onnxruntimeName, openSession } from "./onnxruntime.ts";

/** `rows` [positions, width] through the encoder of `config`, which is post-norm with biases and exact GELU. */
export async function onnxEncoder(config: EncoderConfig, weights: Weights, rows: HostArray): Promise<Contestant> {
  const shape = [1, rows.length / config.width, config.width];
  const value = (name: string): OnnxValue => ({ name, type: "float32", shape });
  const output = "output";
  const session = await openSession({
    opset: 23,
    inputs: [value("rows")],
    outputs: [value(output)],
    nodes: encoderNodes(config, "rows", output),
    constants: Array.from(weights, ([name, tensor]) => ({ name, ...tensor })),
  });
  return {
    library: onnxruntimeName,
    name: `${onnxruntimeName} graph of operators`,
    run: async () => session.run({ rows }),
    dispose: async () => session.dispose(),
  };
}

function encoderNodes(config: EncoderConfig, input: string, output: string): OnnxNode[] {
  const nodes: OnnxNode[] = [];
  let made = 0;
  const apply = (
    op: string,
    inputs: readonly string[],
    rest: Partial<OnnxNode> = {},
    name = `value${made++}`,
  ): string => {
    nodes.push({ op, inputs, outputs: [name], ...rest });
    return name;
  };
  const linear = (x: string, { weight, bias }: { readonly weight: string; readonly bias: string | null }): string =>
    apply("Add", [apply("MatMul", [x, weight]), bias ?? ""]);
  const normalize = (x: string, { gain, bias }: { readonly gain: string; readonly bias: string | null }): string =>
    apply("LayerNormalization", [x, gain, bias ?? ""], { attributes: { epsilon: config.epsilon } });

  let x = input;
  for (const { attention, attentionNorm, feedForward, feedForwardNorm } of layoutEncoder(config, ({ name }) => name)
    .layers) {
    const projected = [linear(x, attention.query), linear(x, attention.key), linear(x, attention.value)];
    const mixed = apply("MultiHeadAttention", projected, {
      domain: "com.microsoft",
      attributes: { num_heads: config.heads },
    });
    const attended = normalize(apply("Add", [x, linear(mixed, attention.output)]), attentionNorm);
    const wide = apply("Gelu", [linear(attended, feedForward.up)]);
    x = normalize(apply("Add", [attended, linear(wide, feedForward.down)]), feedForwardNorm);
  }
  apply("Identity", [x], {}, output);
  return nodes;
}
