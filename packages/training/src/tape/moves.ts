// Operations that gather, pool, turn and rearrange rows, on the tape.

import {
  dispose,
  type DType,
  type Pooling,
  type RotationOptions,
  type Shape,
  sizeOf,
  type Tensor,
  type TrainingWorkspace,
} from "@saccade/attention-core";
import type { Recorder } from "./recorder.ts";

/** `Workspace.pool`, recorded. */
export function recordPool(tape: Recorder, x: Tensor, offsets: Int32Array, how: Pooling): Tensor {
  const from = tape.held(x);
  const sets = offsets.slice();
  return tape.result(tape.device.pool(from.tensor, offsets, how), [from], () => ({
    saves: [from],
    backward: ({ device, dy, give }) => give(from, device.poolGradient(from.tensor, sets, how, dy)),
  }));
}

/** `Workspace.unfold`, recorded. */
export function recordUnfold(tape: Recorder, x: Tensor, windows: Tensor<"i32">): Tensor {
  const from = tape.held(x);
  const numbers = tape.held(windows);
  const [rows = 0] = x.shape;
  return tape.result(tape.device.unfold(from.tensor, numbers.tensor), [from], () => ({
    saves: [numbers],
    backward: ({ device, dy, give }) => give(from, device.unfoldGradient(dy, numbers.tensor, rows)),
  }));
}

/** `Workspace.rotate`, recorded. */
export function recordRotate(
  tape: Recorder,
  x: Tensor,
  positions: Tensor<"i32">,
  cos: Tensor,
  sin: Tensor,
  options: RotationOptions,
): Tensor {
  const from = tape.held(x);
  const at = tape.held(positions);
  const cosines = tape.held(cos);
  const sines = tape.held(sin);
  const y = tape.device.rotate(from.tensor, at.tensor, cosines.tensor, sines.tensor, options);
  return tape.result(y, [from], () => ({
    saves: [at, cosines, sines],
    backward: ({ device, dy, give }) =>
      give(from, device.rotateGradient(dy, at.tensor, cosines.tensor, sines.tensor, options)),
  }));
}

/** `Workspace.concatenate`, recorded. */
export function recordConcatenate(tape: Recorder, parts: readonly Tensor[]): Tensor {
  const from = parts.map((part) => tape.held(part));
  const joined = tape.device.concatenate(from.map(({ tensor }) => tensor));
  return tape.result(joined, from, () => ({
    saves: [],
    backward: ({ device, dy, give }) => {
      let column = 0;
      for (const [i, part] of from.entries()) {
        const width = parts[i]?.shape[1] ?? 0;
        if (part.tracked) give(part, device.slice(dy, column, column + width));
        column += width;
      }
    },
  }));
}

/** `Workspace.slice`, recorded. */
export function recordSlice(tape: Recorder, x: Tensor, start: number, end: number): Tensor {
  const from = tape.held(x);
  const [rows = 0, width = 0] = x.shape;
  return tape.result(tape.device.slice(from.tensor, start, end), [from], () => ({
    saves: [],
    backward: ({ device, dy, give }) => {
      const before = zeros(device, [rows, start]);
      const after = zeros(device, [rows, width - end]);
      give(from, device.concatenate([before, dy, after]));
      before[dispose]();
      after[dispose]();
    },
  }));
}

/** `Workspace.append`, recorded: each part takes its rows back. */
export function recordAppend(
  tape: Recorder,
  parts: readonly { readonly rows: Tensor; readonly offsets: Int32Array }[],
): Tensor {
  const from = parts.map(({ rows, offsets }) => ({ rows: tape.held(rows), offsets: offsets.slice() }));
  const joined = tape.device.append(from.map(({ rows, offsets }) => ({ rows: rows.tensor, offsets })));
  const inputs = from.map(({ rows }) => rows);
  return tape.result(joined, inputs, () => ({
    saves: [],
    backward: ({ device, dy, give }) => {
      for (const [part, { rows }] of from.entries()) {
        if (!rows.tracked) continue;
        const numbers = rowsOfPart(from, part);
        const windows = device.upload(numbers, [numbers.length, 1]);
        give(rows, device.unfold(dy, windows));
        windows[dispose]();
      }
    },
  }));
}

/** `Workspace.reshape`, recorded. */
export function recordReshape<D extends DType>(tape: Recorder, x: Tensor<D>, shape: Shape): Tensor<D> {
  const from = tape.held(x);
  const view = tape.device.reshape(from.tensor, shape);
  if (x.dtype === "i32") return tape.constant(view);
  const rows = tape.held(x as Tensor);
  const y = tape.result(view as Tensor, [rows], () => ({
    saves: [],
    backward: ({ device, dy, give }) => give(rows, device.reshape(dy, x.shape)),
  }));
  return y as Tensor<DType> as Tensor<D>;
}

/** Where the rows of one part stand in what `append` returns. */
function rowsOfPart(parts: readonly { readonly offsets: Int32Array }[], part: number): Int32Array {
  const own = parts[part]?.offsets ?? new Int32Array(1);
  const numbers = new Int32Array(own.at(-1) ?? 0);
  let place = 0;
  for (let set = 0; set + 1 < own.length; set += 1) {
    for (const [i, { offsets }] of parts.entries()) {
      const start = offsets[set] ?? 0;
      const end = offsets[set + 1] ?? 0;
      if (i === part) for (let row = start; row < end; row += 1) numbers[row] = place + row - start;
      place += end - start;
    }
  }
  return numbers;
}

function zeros(device: TrainingWorkspace, shape: Shape): Tensor {
  return device.upload(new Float32Array(sizeOf(shape)), shape);
}
