// Norms and softmax of rows of every width.

import type { Tensor, Workspace } from "@saccade/attention-core";
import type { BackendCase } from "../backend-case.ts";
import { denseLayerNorm, denseRmsNorm, denseSoftmax, eachRow } from "../dense/rows.ts";
import type { Random } from "../random.ts";
import { rowCase } from "./row-case.ts";

/** The cases of this file. */
export function normCases(): BackendCase[] {
  return [1, 2, 3, 4, 5, 8, 15, 16, 17, 64, 100, 257].flatMap((width) => {
    const draw = (random: Random): { x: Float32Array; gain: Float32Array; bias: Float32Array } => ({
      x: random.normals(7 * width, 3).map((value) => value + 2),
      gain: random.normals(width),
      bias: random.normals(width),
    });
    const put = (workspace: Workspace, values: Float32Array): Tensor => workspace.upload(values, [values.length]);
    return [
      ...[1e-5, 0.1].flatMap((epsilon) => [
        rowCase("rows: layerNorm", `width ${width}, epsilon ${epsilon}`, async ({ workspace, check, random }) => {
          const { x, gain, bias } = draw(random);
          const y = workspace.layerNorm(
            workspace.upload(x, [7, width]),
            put(workspace, gain),
            put(workspace, bias),
            epsilon,
          );
          check.close(
            "layerNorm",
            await workspace.read(y),
            eachRow(x, width, (row) => denseLayerNorm(row, gain, bias, epsilon)),
          );
        }),
        rowCase("rows: rmsNorm", `width ${width}, epsilon ${epsilon}`, async ({ workspace, check, random }) => {
          const { x, gain } = draw(random);
          const y = workspace.rmsNorm(workspace.upload(x, [7, width]), put(workspace, gain), epsilon);
          check.close(
            "rmsNorm",
            await workspace.read(y),
            eachRow(x, width, (row) => denseRmsNorm(row, gain, epsilon)),
          );
        }),
      ]),
      rowCase("rows: layerNorm", `width ${width}, no bias`, async ({ workspace, check, random }) => {
        const { x, gain } = draw(random);
        const y = workspace.layerNorm(workspace.upload(x, [7, width]), put(workspace, gain), null, 1e-5);
        check.close(
          "layerNorm",
          await workspace.read(y),
          eachRow(x, width, (row) => denseLayerNorm(row, gain, null, 1e-5)),
        );
      }),
      ...[false, true].map((log) =>
        rowCase("rows: softmax", `width ${width}${log ? ", log" : ""}`, async ({ workspace, check, random }) => {
          const x = random.normals(7 * width, 4);
          x.subarray(0, width).forEach((value, i, row) => (row[i] = value + 1e4));
          const y = workspace.softmax(workspace.upload(x, [7, width]), ...(log ? [{ log }] : []));
          check.close(
            "softmax",
            await workspace.read(y),
            eachRow(x, width, (row) => denseSoftmax(row, log)),
          );
        }),
      ),
    ];
  });
}
