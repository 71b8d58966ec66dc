// Puts an ONNX graph together node by node: what a model's own export would hold, with names given on the way.
import type { Activation, HostTensor, LinearWeights, WeightLeaf, Weights } from "@saccade/attention-core";
import type { OnnxAttribute, OnnxConstant, OnnxGraph, OnnxNode, OnnxValue } from "./onnx-model.ts";

/** A weight of a model, by the name that it has there. */
export interface NamedTensor extends HostTensor {
  readonly name: string;
}

/** The leaf by which a layout finds `weights`. Throws `RangeError` for a name that is not there. */
export function namedWeights(weights: Weights): WeightLeaf<NamedTensor> {
  return ({ name }) => {
    const tensor = weights.get(name);
    if (!tensor) throw new RangeError(`Cannot export a model: the weights must hold ${name}, they do not`);
    return { name, ...tensor };
  };
}

/** A graph that grows. Values go by their names. */
export interface OnnxBuilder {
  /** Adds a node of one output, whose name it returns; an input that is "" is left out. */
  node(op: string, inputs: readonly string[], attributes?: Readonly<Record<string, OnnxAttribute>>): string;
  /** The same for an operator of onnxruntime's own, in the domain com.microsoft. */
  ownNode(op: string, inputs: readonly string[], attributes: Readonly<Record<string, OnnxAttribute>>): string;
  /** A weight as a constant, which is there once however often it is asked for. */
  weight(tensor: NamedTensor): string;
  /** A constant of its own. */
  constant(values: OnnxConstant["values"], shape: readonly number[]): string;
  /** A constant list of whole numbers: a shape, axes, bounds. */
  list(...values: readonly number[]): string;
  /** The graph whose result `result` is called "output". */
  finish(inputs: readonly OnnxValue[], result: string, shape: readonly number[]): OnnxGraph;
}

/** An empty graph. */
export function buildOnnx(): OnnxBuilder {
  const nodes: OnnxNode[] = [];
  const constants = new Map<string, OnnxConstant>();
  const add = (node: Omit<OnnxNode, "outputs">): string => {
    const name = `value${nodes.length}`;
    nodes.push({ ...node, outputs: [name] });
    return name;
  };
  const constant = (values: OnnxConstant["values"], shape: readonly number[]): string => {
    const name = `constant${constants.size}`;
    constants.set(name, { name, shape, values });
    return name;
  };
  return {
    node: (op, inputs, attributes = {}) => add({ op, inputs, attributes }),
    ownNode: (op, inputs, attributes) => add({ op, inputs, attributes, domain: "com.microsoft" }),
    weight({ name, shape, values }) {
      constants.set(name, { name, shape, values });
      return name;
    },
    constant,
    list: (...values) => constant(BigInt64Array.from(values, BigInt), [values.length]),
    finish(inputs, result, shape) {
      nodes.push({ op: "Identity", inputs: [result], outputs: ["output"] });
      return {
        opset: 23,
        inputs,
        outputs: [{ name: "output", type: "float32", shape }],
        nodes,
        constants: [...constants.values()],
      };
    },
  };
}

/** x · weight + bias, of the last axis. */
export function linearNode(builder: OnnxBuilder, { weight, bias }: LinearWeights<NamedTensor>, x: string): string {
  const product = builder.node("MatMul", [x, builder.weight(weight)]);
  return bias ? builder.node("Add", [product, builder.weight(bias)]) : product;
}

/** act(x), x itself without an activation. */
export function activationNode(builder: OnnxBuilder, activation: Activation | undefined, x: string): string {
  switch (activation) {
    case undefined:
      return x;
    case "gelu":
      return builder.node("Gelu", [x]);
    case "geluTanh":
      return builder.node("Gelu", [x], { approximate: "tanh" });
    case "relu":
      return builder.node("Relu", [x]);
    case "tanh":
      return builder.node("Tanh", [x]);
    case "sigmoid":
      return builder.node("Sigmoid", [x]);
    case "elu":
      return builder.node("Elu", [x]);
    case "silu":
      return builder.node("Mul", [x, builder.node("Sigmoid", [x])]);
  }
}

/** The last axis of x normalised. */
export function normNode(
  builder: OnnxBuilder,
  { norm, epsilon }: { readonly norm: "layer" | "rms"; readonly epsilon: number },
  { gain, bias }: { readonly gain: NamedTensor; readonly bias: NamedTensor | null },
  x: string,
): string {
  const inputs = [x, builder.weight(gain), ...(bias ? [builder.weight(bias)] : [])];
  return builder.node(norm === "layer" ? "LayerNormalization" : "RMSNormalization", inputs, { epsilon });
}
