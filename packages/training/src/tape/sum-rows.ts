import { dispose, sizeOf, type Tensor, type TrainingWorkspace } from "@saccade/attention-core";

/** The sum over all axes but the last: x [.., W], returns [W]. x stays the caller's. */
export function sumRows(device: TrainingWorkspace, x: Tensor): Tensor {
  const W = x.shape.at(-1) ?? 1;
  const rows = W === 0 ? 0 : sizeOf(x.shape) / W;
  const matrix = device.reshape(x, [rows, W]);
  const pooled = device.pool(matrix, Int32Array.of(0, rows), "sum");
  const sums = device.reshape(pooled, [W]);
  matrix[dispose]();
  pooled[dispose]();
  return sums;
}
