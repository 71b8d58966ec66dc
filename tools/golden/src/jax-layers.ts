// An encoder and a decoder written from the papers with jax-js, in float64, one dense set at a time: nothing of this
// project computes here but the description of the configuration and the names of the weights.

import { nn, numpy as np } from "@jax-js/jax";
import type { DecoderConfig } from "@saccade/attention-core";
import type { GoldenCase, GoldenPattern, GoldenTensor } from "./cases.ts";

type Matrix = np.Array;
type Model = Pick<GoldenCase, "config" | "pattern" | "lengths" | "weights" | "rows">;

/** Hidden rows [P, W] of an encoder. */
export async function encodeWithJax(model: Model): Promise<number[]> {
  const hidden: number[] = [];
  for (const rows of setsOf(model.rows, model.lengths)) {
    let x = await hostOf(addPositions(model, "encoder", matrix(rows)), rows.shape);
    for (let layer = 0; layer < model.config.layers; layer += 1) {
      x = await encoderLayer(model, `encoder.layers.${layer}`, x);
    }
    hidden.push(...(await finish(model, "encoder", x)).values);
  }
  return hidden;
}

/** Hidden rows [P, W] of a decoder that reads `memory`. */
export async function decodeWithJax(model: Model, memory: NonNullable<GoldenCase["memory"]>): Promise<number[]> {
  const hidden: number[] = [];
  const memories = setsOf(memory.rows, memory.lengths);
  for (const [set, rows] of setsOf(model.rows, model.lengths).entries()) {
    let x = await hostOf(addPositions(model, "decoder", matrix(rows)), rows.shape);
    for (let layer = 0; layer < model.config.layers; layer += 1) {
      const path = `decoder.layers.${layer}`;
      x = await residual(model, `${path}.attentionNorm`, x, (input) =>
        selfAttention(model, `${path}.attention`, input),
      );
      x = await residual(model, `${path}.cross.norm`, x, (input) =>
        crossAttention(model, `${path}.cross.attention`, input, memories[set] ?? input),
      );
      x = await residual(model, `${path}.feedForwardNorm`, x, (input) =>
        feedForward(model, `${path}.feedForward`, input),
      );
    }
    hidden.push(...(await finish(model, "decoder", x)).values);
  }
  return hidden;
}

async function encoderLayer(model: Model, path: string, x: GoldenTensor): Promise<GoldenTensor> {
  const mixed = await residual(model, `${path}.attentionNorm`, x, (input) =>
    selfAttention(model, `${path}.attention`, input),
  );
  return residual(model, `${path}.feedForwardNorm`, mixed, (input) => feedForward(model, `${path}.feedForward`, input));
}

/** Between blocks values pass through the host, since a jax-js array is used up by the function that it is given to. */
async function residual(
  model: Model,
  norm: string,
  x: GoldenTensor,
  block: (input: GoldenTensor) => Matrix,
): Promise<GoldenTensor> {
  if (model.config.placement === "post") return hostOf(normalize(model, norm, matrix(x).add(block(x))), x.shape);
  const normed = await hostOf(normalize(model, norm, matrix(x)), x.shape);
  return hostOf(matrix(x).add(block(normed)), x.shape);
}

async function finish(model: Model, path: string, x: GoldenTensor): Promise<GoldenTensor> {
  return model.config.placement === "pre" ? hostOf(normalize(model, `${path}.finalNorm`, matrix(x)), x.shape) : x;
}

function normalize({ config, weights }: Model, path: string, x: Matrix): Matrix {
  const gain = weights[`${path}.gain`];
  const bias = weights[`${path}.bias`];
  if (!gain) throw new Error(`there is no ${path}.gain`);
  if (config.norm === "rms") {
    const squares = np.mean(np.square(x.ref), -1, { keepdims: true });
    return x.div(np.sqrt(squares.add(config.epsilon))).mul(matrix(gain));
  }
  const scaled = nn.standardize(x, -1, { epsilon: config.epsilon }).mul(matrix(gain));
  return bias ? scaled.add(matrix(bias)) : scaled;
}

function linear({ weights }: Model, path: string, x: Matrix): Matrix {
  const weight = weights[`${path}.weight`];
  const bias = weights[`${path}.bias`];
  if (!weight) throw new Error(`there is no ${path}.weight`);
  const product = np.matmul(x, matrix(weight));
  return bias ? product.add(matrix(bias)) : product;
}

function feedForward(model: Model, path: string, x: GoldenTensor): Matrix {
  const { gated = false } = model.config;
  if (!gated) return linear(model, `${path}.down`, activate(model.config, linear(model, `${path}.up`, matrix(x))));
  const gate = activate(model.config, linear(model, `${path}.gate`, matrix(x)));
  return linear(model, `${path}.down`, gate.mul(linear(model, `${path}.up`, matrix(x))));
}

function activate({ activation }: DecoderConfig, x: Matrix): Matrix {
  switch (activation) {
    case "gelu":
      return nn.gelu(x, { approximate: false });
    case "geluTanh":
      return nn.gelu(x, { approximate: true });
    case "relu":
      return nn.relu(x);
    case "silu":
      return nn.silu(x);
    case "tanh":
      return np.tanh(x);
    case "sigmoid":
      return nn.sigmoid(x);
    case "elu":
      return nn.elu(x);
  }
}

function selfAttention(model: Model, path: string, x: GoldenTensor): Matrix {
  const { heads, kvHeads, headWidth } = headsOf(model.config);
  const [length = 0] = x.shape;
  const query = rotate(
    model.config,
    split(linear(model, `${path}.query`, matrix(x)), length, heads, headWidth),
    length,
  );
  const key = rotate(model.config, split(linear(model, `${path}.key`, matrix(x)), length, kvHeads, headWidth), length);
  const value = split(linear(model, `${path}.value`, matrix(x)), length, kvHeads, headWidth);
  const mask = np.array(maskOf(model.pattern, length), { dtype: np.bool });
  const bias = biasOf(model, path, heads, length);
  const { scale } = model.config;
  const attended = nn.dotProductAttention(query, key, value, { mask, ...(bias && { bias }), ...(scale && { scale }) });
  return linear(model, `${path}.output`, attended.reshape([length, heads * headWidth]));
}

function crossAttention(model: Model, path: string, x: GoldenTensor, memory: GoldenTensor): Matrix {
  const { heads, kvHeads, headWidth } = headsOf(model.config);
  const [length = 0] = x.shape;
  const [memoryLength = 0] = memory.shape;
  const query = split(linear(model, `${path}.query`, matrix(x)), length, heads, headWidth);
  const key = split(linear(model, `${path}.key`, matrix(memory)), memoryLength, kvHeads, headWidth);
  const value = split(linear(model, `${path}.value`, matrix(memory)), memoryLength, kvHeads, headWidth);
  const attended = nn.dotProductAttention(query, key, value);
  return linear(model, `${path}.output`, attended.reshape([length, heads * headWidth]));
}

/** Each head's first half a and second half b become a cos - b sin and b cos + a sin. */
function rotate({ rotary }: DecoderConfig, x: Matrix, length: number): Matrix {
  if (!rotary) return x;
  const half = (x.shape[2] ?? 0) / 2;
  const { base = 10000 } = rotary;
  const angles = Array.from({ length }, (_, position) =>
    Array.from({ length: half }, (_, pair) => [position / base ** (pair / half)]).flat(),
  );
  const table = (): Matrix =>
    np.array(Float64Array.from(angles.flat()), { shape: [length, 1, half], dtype: np.float64 });
  const [a, b] = np.split(x, 2, -1) as [Matrix, Matrix];
  const turnedA = a.ref.mul(np.cos(table())).sub(b.ref.mul(np.sin(table())));
  const turnedB = b.mul(np.cos(table())).add(a.mul(np.sin(table())));
  return np.concatenate([turnedA, turnedB], -1);
}

function biasOf({ config, weights }: Model, path: string, heads: number, length: number): Matrix | null {
  const { positionBias } = config;
  const each = (value: (head: number, distance: number) => number): Matrix => {
    const values = new Float64Array(heads * length * length);
    for (let head = 0; head < heads; head += 1) {
      for (let query = 0; query < length; query += 1) {
        for (let key = 0; key < length; key += 1)
          values[(head * length + query) * length + key] = value(head, key - query);
      }
    }
    return np.array(values, { shape: [heads, length, length], dtype: np.float64 });
  };
  if (positionBias?.kind === "alibi")
    return each((head, distance) => -(2 ** ((-8 * (head + 1)) / heads)) * Math.abs(distance));
  if (positionBias?.kind !== "relative") return null;
  const table = weights[`${path}.relative`];
  const { reach } = positionBias;
  return each(
    (head, distance) =>
      table?.values[head * (2 * reach + 1) + Math.min(Math.max(distance, -reach), reach) + reach] ?? 0,
  );
}

function addPositions({ config, weights }: Model, path: string, x: Matrix): Matrix {
  const [length = 0, width = 0] = x.shape;
  if (config.positions.kind === "none") return x;
  if (config.positions.kind === "learned") {
    const table = weights[`${path}.positions.table`];
    if (!table) throw new Error(`there is no ${path}.positions.table`);
    return x.add(matrix({ shape: [length, width], values: table.values.slice(0, length * width) }));
  }
  const waves = Array.from({ length: length * width }, (_, at) => {
    const column = at % width;
    const angle = Math.floor(at / width) / 10000 ** ((column - (column % 2)) / width);
    return column % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
  return x.add(matrix({ shape: [length, width], values: waves }));
}

function maskOf(pattern: GoldenPattern, length: number): boolean[][] {
  const permits = (query: number, key: number): boolean => {
    if (pattern.kind === "full") return true;
    if (pattern.kind === "causal") return key <= query;
    return key >= query - pattern.left && key <= query + pattern.right;
  };
  return Array.from({ length }, (_, query) => Array.from({ length }, (_, key) => permits(query, key)));
}

function headsOf({ width, heads, kvHeads = heads, headWidth = width / heads }: DecoderConfig): {
  heads: number;
  kvHeads: number;
  headWidth: number;
} {
  return { heads, kvHeads, headWidth };
}

function split(x: Matrix, length: number, heads: number, headWidth: number): Matrix {
  return x.reshape([length, heads, headWidth]);
}

function setsOf({ shape, values }: GoldenTensor, lengths: readonly number[]): GoldenTensor[] {
  const [, width = 0] = shape;
  let from = 0;
  return lengths.map((length) => {
    const part = values.slice(from * width, (from + length) * width);
    from += length;
    return { shape: [length, width], values: part };
  });
}

function matrix({ shape, values }: GoldenTensor): Matrix {
  return np.array(Float64Array.from(values), { shape: [...shape], dtype: np.float64 });
}

async function hostOf(x: Matrix, shape: readonly number[]): Promise<GoldenTensor> {
  return { shape, values: Array.from(await x.data()) };
}
