// Sums, products and dropout on the tape.

import { dispose, type Dropout, type Tensor, type TrainingWorkspace } from "@saccade/attention-core";
import type { Recorder } from "./recorder.ts";
import { sumRows } from "./sum-rows.ts";

/** `Workspace.add`, recorded. */
export function recordAdd(tape: Recorder, a: Tensor, b: Tensor): Tensor {
  const left = tape.held(a);
  const right = tape.held(b);
  const repeats = a.shape.length !== b.shape.length;
  return tape.result(tape.device.add(left.tensor, right.tensor), [left, right], () => ({
    saves: [],
    backward: ({ device, dy, give, pass }) => {
      pass(left);
      if (!repeats) pass(right);
      else if (right.tracked) give(right, sumRows(device, dy));
    },
  }));
}

/** `Workspace.multiply`, recorded. */
export function recordMultiply(tape: Recorder, a: Tensor, b: Tensor): Tensor {
  const left = tape.held(a);
  const right = tape.held(b);
  const repeats = a.shape.length !== b.shape.length;
  return tape.result(tape.device.multiply(left.tensor, right.tensor), [left, right], () => ({
    saves: [left, right],
    backward: ({ device, dy, give }) => {
      if (left.tracked) give(left, device.multiply(dy, right.tensor));
      if (right.tracked)
        give(right, repeats ? sumOfProducts(device, dy, left.tensor) : device.multiply(dy, left.tensor));
    },
  }));
}

/** Dropout, recorded: its gradient drops the same elements. */
export function recordDropout(tape: Recorder, x: Tensor, dropout: Dropout): Tensor {
  const from = tape.held(x);
  return tape.result(tape.device.dropout(from.tensor, dropout), [from], () => ({
    saves: [],
    backward: ({ device, dy, give }) => give(from, device.dropout(dy, dropout)),
  }));
}

function sumOfProducts(device: TrainingWorkspace, a: Tensor, b: Tensor): Tensor {
  const product = device.multiply(a, b);
  const sums = sumRows(device, product);
  product[dispose]();
  return sums;
}
