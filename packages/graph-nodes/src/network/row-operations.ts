// Small operations on rows, made of those of a workspace.

import { dispose, type Tensor, type Workspace } from "@saccade/attention-core";

/** For each row of x [P, H · D] and each head its product with that head's row of `vectors` [H, D]: [P, H]. */
export function headDots(workspace: Workspace, x: Tensor, vectors: Tensor): Tensor {
  const [heads = 0, headWidth = 0] = vectors.shape;
  const [P = 0] = x.shape;
  const flat = workspace.reshape(vectors, [heads * headWidth]);
  const products = workspace.multiply(x, flat);
  const perHead = workspace.reshape(products, [P * heads, headWidth]);
  const ones = workspace.upload(new Float32Array(headWidth).fill(1), [headWidth, 1]);
  const column = workspace.linear(perHead, ones);
  const dots = workspace.reshape(column, [P, heads]);
  for (const used of [flat, products, perHead, ones, column]) used[dispose]();
  return dots;
}

/** The mean of the heads of x [P, H · D]: [P, D]. */
export function meanOfHeads(workspace: Workspace, x: Tensor, heads: number): Tensor {
  const [P = 0, width = 0] = x.shape;
  const perHead = workspace.reshape(x, [P * heads, width / heads]);
  const mean = workspace.pool(
    perHead,
    Int32Array.from({ length: P + 1 }, (_, row) => row * heads),
    "mean",
  );
  perHead[dispose]();
  return mean;
}

/** x [P, W] times a number. */
export function scaleRows(workspace: Workspace, x: Tensor, factor: number): Tensor {
  const [, width = 0] = x.shape;
  const factors = workspace.upload(new Float32Array(width).fill(factor), [width]);
  const scaled = workspace.multiply(x, factors);
  factors[dispose]();
  return scaled;
}

/** Another handle of x, for those who take over what they are given. */
export function share(workspace: Workspace, x: Tensor): Tensor {
  return workspace.reshape(x, x.shape);
}
