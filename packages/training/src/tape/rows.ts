// Operations that look at each row alone, on the tape.

import { type Activation, dispose, type Tensor } from "@saccade/attention-core";
import type { Recorder } from "./recorder.ts";
import { sumRows } from "./sum-rows.ts";

/** `Workspace.embed`, recorded. */
export function recordEmbed(tape: Recorder, table: Tensor, ids: Tensor<"i32">): Tensor {
  const from = tape.held(table);
  const numbers = tape.held(ids);
  const [rows = 0] = table.shape;
  return tape.result(tape.device.embed(from.tensor, numbers.tensor), [from], () => ({
    saves: [numbers],
    backward: ({ device, dy, give }) => give(from, device.embedGradient(numbers.tensor, dy, rows)),
  }));
}

/**
 * `Workspace.linear`, recorded. An activation is run by itself, so that what goes into it is kept for its gradient;
 * that of ReLU can be told from what comes out.
 */
export function recordLinear(
  tape: Recorder,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  activation: Activation | null,
): Tensor {
  const rows = tape.held(x);
  const matrix = tape.held(weight);
  const shift = bias ? tape.held(bias) : null;
  const inputs = [rows, matrix, shift];
  if (activation !== null && activation !== "relu" && tape.tracks(inputs)) {
    const before = recordLinear(tape, x, weight, bias, null);
    const after = recordActivate(tape, before, activation);
    before[dispose]();
    return after;
  }
  const y = tape.device.linear(rows.tensor, matrix.tensor, shift?.tensor ?? null, activation);
  return tape.result(y, inputs, (result) => ({
    saves: [rows, matrix, activation ? result : null],
    backward: ({ device, dy, give }) => {
      const inner = activation ? device.activateGradient(result.tensor, activation, dy) : dy;
      if (rows.tracked) give(rows, device.linearInputGradient(inner, matrix.tensor));
      if (matrix.tracked) give(matrix, device.linearWeightGradient(rows.tensor, inner));
      if (shift?.tracked) give(shift, sumRows(device, inner));
      if (inner !== dy) inner[dispose]();
    },
  }));
}

/** `Workspace.activate`, recorded. */
export function recordActivate(tape: Recorder, x: Tensor, activation: Activation): Tensor {
  const from = tape.held(x);
  return tape.result(tape.device.activate(from.tensor, activation), [from], () => ({
    saves: [from],
    backward: ({ device, dy, give }) => give(from, device.activateGradient(from.tensor, activation, dy)),
  }));
}

/** `Workspace.layerNorm`, recorded. */
export function recordLayerNorm(tape: Recorder, x: Tensor, gain: Tensor, bias: Tensor | null, epsilon: number): Tensor {
  const rows = tape.held(x);
  const factor = tape.held(gain);
  const shift = bias ? tape.held(bias) : null;
  const y = tape.device.layerNorm(rows.tensor, factor.tensor, shift?.tensor ?? null, epsilon);
  return tape.result(y, [rows, factor, shift], () => ({
    saves: [rows, factor],
    backward: ({ device, dy, give }) => {
      const made = device.layerNormGradient(rows.tensor, factor.tensor, epsilon, dy);
      give(rows, made.x);
      give(factor, made.gain);
      if (shift) give(shift, made.bias);
      else made.bias[dispose]();
    },
  }));
}

/** `Workspace.rmsNorm`, recorded. */
export function recordRmsNorm(tape: Recorder, x: Tensor, gain: Tensor, epsilon: number): Tensor {
  const rows = tape.held(x);
  const factor = tape.held(gain);
  return tape.result(tape.device.rmsNorm(rows.tensor, factor.tensor, epsilon), [rows, factor], () => ({
    saves: [rows, factor],
    backward: ({ device, dy, give }) => {
      const made = device.rmsNormGradient(rows.tensor, factor.tensor, epsilon, dy);
      give(rows, made.x);
      give(factor, made.gain);
    },
  }));
}

/** `Workspace.softmax`, recorded. */
export function recordSoftmax(tape: Recorder, x: Tensor, options: { readonly log?: boolean }): Tensor {
  const from = tape.held(x);
  return tape.result(tape.device.softmax(from.tensor, options), [from], (result) => ({
    saves: [result],
    backward: ({ device, dy, give }) => give(from, device.softmaxGradient(result.tensor, dy, options)),
  }));
}
