// Activations, sums and products, element by element.

import type { Activation } from "@saccade/attention-core";
import type { BackendCase } from "../backend-case.ts";
import { denseActivation } from "../dense/rows.ts";
import { rowCase } from "./row-case.ts";

/** Every activation. */
export const activations: readonly Activation[] = ["gelu", "geluTanh", "relu", "silu", "tanh", "sigmoid", "elu"];

/** The cases of this file. */
export function elementwiseCases(): BackendCase[] {
  return [...activationCases(), ...arithmeticCases()];
}

function activationCases(): BackendCase[] {
  const group = "rows: activate";
  const extremes = [-1e-8, 1e-8, -0, 30, -30, 88, -88, 100, -100, 1e4, -1e4];
  const values = Float32Array.from([...Array.from({ length: 401 }, (_, i) => (i - 200) / 20), ...extremes]);
  return activations.map((activation) =>
    rowCase(group, activation, async ({ workspace, check }) => {
      const y = workspace.activate(workspace.upload(values, [values.length, 1]), activation);
      const expected = Array.from(values, (value) => denseActivation(activation, value));
      const actual = await workspace.read(y);
      // The middle alone as well: what is a small error beside 1e4 is a large one beside 0.5.
      for (const bound of [0.5, 1, 2, 4, 10, Infinity]) {
        const within = (_: number, i: number): boolean => Math.abs(values[i]!) <= bound;
        check.close(`${activation} within ${bound}`, actual.filter(within), expected.filter(within));
      }
    }),
  );
}

function arithmeticCases(): BackendCase[] {
  return (["add", "multiply"] as const).flatMap((operation) => {
    const combine = (a: number, b: number): number => (operation === "add" ? a + b : a * b);
    return [1, 3, 4, 7, 16, 65].flatMap((width) => [
      rowCase(`rows: ${operation}`, `same shape, width ${width}`, async ({ workspace, check, random }) => {
        const a = random.normals(9 * width);
        const b = random.normals(9 * width);
        const y = workspace[operation](workspace.upload(a, [9, width]), workspace.upload(b, [9, width]));
        check.shape(operation, y.shape, [9, width]);
        check.close(
          operation,
          await workspace.read(y),
          a.map((value, i) => combine(value, b[i]!)),
        );
      }),
      rowCase(`rows: ${operation}`, `one row to each, width ${width}`, async ({ workspace, check, random }) => {
        const a = random.normals(9 * width);
        const b = random.normals(width);
        const y = workspace[operation](workspace.upload(a, [9, width]), workspace.upload(b, [width]));
        check.close(
          operation,
          await workspace.read(y),
          a.map((value, i) => combine(value, b[i % width]!)),
        );
      }),
    ]);
  });
}
