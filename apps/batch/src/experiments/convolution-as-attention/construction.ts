// A K × K convolution written as one multi-head attention block (Cordonnier, Loukas and Jaggi 2020, "On the Relationship
// between Self-Attention and Convolutional Layers", theorem 1 and lemma 2): one head for each shift Δ of the kernel. Scores
// do not see content; they are v · r with the quadratic relative encoding r = (|δ|², δ₁, δ₂) of δ, key minus query, and
// v = -α · (1, -2Δ₁, -2Δ₂), which is -α · |δ - Δ|² but for a constant of the row. As α grows, the head of Δ looks at the
// pixel at Δ alone. Its value and output maps together are the kernel at Δ.

import {
  attend,
  type Backend,
  batchPositions,
  describeLayout,
  dispose,
  type HostTensor,
  layoutAttentionBlock,
  type LayerConfig,
  projectKeysValues,
  releaseKeysValues,
  releasePositions,
  uploadWeights,
  type Weights,
} from "@saccade/attention-core";
import { type GridRows, type Kernel, withoutRing, withRing } from "./convolution.ts";

const path = "block";

/** The block as this library configures any other: heads, a learned bias by distance on the grid, no 1 / √D in it. */
export function blockConfig(
  { rows, columns }: Pick<GridRows, "rows" | "columns">,
  { size, width }: Kernel,
): LayerConfig {
  return {
    width,
    heads: size * size,
    headWidth: width,
    feedForwardWidth: 1,
    activation: "relu",
    norm: "layer",
    placement: "pre",
    epsilon: 1e-5,
    positionBias: { kind: "relative2d", reach: [rows - 1, columns - 1], columns },
  };
}

/** The block's weights for `kernel` and α, by name. */
export function blockWeights(config: LayerConfig, kernel: Kernel, alpha: number): Weights {
  const { size, width } = kernel;
  const heads = size * size;
  const weights = new Map<string, HostTensor>();
  for (const { name, shape } of describeLayout((leaf) => layoutAttentionBlock(path, config, leaf))) {
    weights.set(name, { shape, values: new Float32Array(shape.reduce((product, length) => product * length, 1)) });
  }
  const valuesOf = (name: string): Float32Array => weights.get(`${path}.${name}`)!.values;
  // Queries and keys stay zeros. Values are the rows themselves, for each head: [W, H · W].
  for (let i = 0; i < width; i += 1) {
    for (let head = 0; head < heads; head += 1) valuesOf("value.weight")[i * heads * width + head * width + i] = 1;
  }
  // [K, K, W, W] is [H · W, W] already: head h is the shift h.
  valuesOf("output.weight").set(kernel.values);
  valuesOf("output.bias").set(kernel.bias);
  valuesOf("relative").set(quadraticScores(config, size, alpha));
  return weights;
}

/** v · r for each head and distance: [H, (2Y + 1)(2X + 1)]. */
export function quadraticScores({ positionBias }: LayerConfig, size: number, alpha: number): Float32Array {
  if (positionBias?.kind !== "relative2d") {
    throw new TypeError(
      `Cannot write scores: positionBias must be relative2d, it is ${positionBias?.kind ?? "left out"}`,
    );
  }
  const [Y, X] = positionBias.reach;
  const table = new Float32Array(size * size * (2 * Y + 1) * (2 * X + 1));
  const reach = (size - 1) / 2;
  let at = 0;
  for (let head = 0; head < size * size; head += 1) {
    const [shiftY, shiftX] = [Math.floor(head / size) - reach, (head % size) - reach];
    const v = [-alpha, 2 * alpha * shiftY, 2 * alpha * shiftX] as const;
    for (let y = -Y; y <= Y; y += 1) {
      for (let x = -X; x <= X; x += 1, at += 1) table[at] = v[0] * (y * y + x * x) + v[1] * y + v[2] * x;
    }
  }
  return table;
}

/**
 * `image` through the block: [rows · columns, W]. With a ring of floor(K / 2) pixels of zeros, which may be attended to, it is
 * the convolution with zero padding; without it the nearest pixel wins where Δ leads outside, which is replicate padding.
 */
export async function convolveByAttention(
  backend: Backend,
  image: GridRows,
  kernel: Kernel,
  alpha: number,
  ring: boolean,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const reach = ring ? (kernel.size - 1) / 2 : 0;
  const grid = withRing(image, reach);
  const config = blockConfig(grid, kernel);
  const uploaded = uploadWeights(backend, blockWeights(config, kernel, alpha));
  const workspace = backend.workspace(signal);
  try {
    const positions = grid.rows * grid.columns;
    const offsets = Int32Array.of(0, positions);
    const weights = layoutAttentionBlock(path, config, uploaded.find);
    const rows = workspace.upload(grid.values, [positions, kernel.width]);
    const places = batchPositions(workspace, config, offsets);
    const keysValues = projectKeysValues(workspace, config, weights, rows, places);
    const plan = backend.plan(offsets, offsets, { kind: "full" });
    const { output } = attend(workspace, config, weights, rows, keysValues, { plan, positions: places });
    releaseKeysValues(keysValues);
    releasePositions(places);
    return withoutRing({ ...grid, values: await workspace.read(output) }, reach).values;
  } finally {
    workspace[dispose]();
    uploaded[dispose]();
  }
}
