// Matrix products at the edges of tiles, with every activation.

import type { Activation } from "@saccade/attention-core";
import type { BackendCase } from "../backend-case.ts";
import { denseLinear } from "../dense/rows.ts";
import { activations } from "./elementwise.ts";
import { rowCase } from "./row-case.ts";
import { edgeLengths } from "./shapes.ts";

/** The cases of this file. */
export function linearCases(): BackendCase[] {
  const group = "rows: linear";
  const of = (P: number, I: number, O: number, activation: Activation | null, withBias: boolean): BackendCase =>
    rowCase(
      group,
      `[${P}, ${I}] · [${I}, ${O}]${withBias ? " + bias" : ""}${activation ? `, ${activation}` : ""}`,
      async ({ workspace, check, random }) => {
        const x = random.normals(P * I);
        const weight = random.normals(I * O, 1 / Math.sqrt(Math.max(I, 1)));
        const bias = withBias ? random.normals(O) : null;
        const y = workspace.linear(
          workspace.upload(x, [P, I]),
          workspace.upload(weight, [I, O]),
          bias && workspace.upload(bias, [O]),
          activation,
        );
        check.shape("linear", y.shape, [P, O]);
        check.close("linear", await workspace.read(y), denseLinear(x, weight, bias, activation, [P, I, O]));
      },
    );
  return [
    ...edgeLengths.flatMap((size) => [
      of(size, 7, 5, null, false),
      of(5, size, 9, null, true),
      of(6, 17, size, null, true),
      of(size, size, size, null, false),
    ]),
    of(97, 257, 513, null, true),
    of(193, 300, 70, null, false),
    of(0, 5, 3, null, true),
    of(4, 5, 0, null, false),
    ...activations.flatMap((activation) => [
      of(13, 11, 10, activation, true),
      of(1, 64, 48, activation, false),
      of(50, 3, 1, activation, true),
    ]),
  ];
}
