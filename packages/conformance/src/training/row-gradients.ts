// Operations on rows backward, at the edges of tiles.

import { type Activation, offsetsOf, type Pooling } from "@saccade/attention-core";
import { activations } from "../cases/elementwise.ts";
import { drawTensor, type GradientBody, gradientCase, integers, type TrainingCase } from "./training-case.ts";

/** Lengths around the edges of tiles. */
export const oddSizes: readonly number[] = [1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33];

/** The cases of this file. */
export function rowGradientCases(): TrainingCase[] {
  return [
    ...linearCases(),
    ...activations.flatMap((activation) => oddSizes.map((width) => activateCase(activation, width))),
    ...oddSizes.flatMap(normCases),
    normCase("layerNormGradient", 70, 257, 1e-5),
    normCase("rmsNormGradient", 70, 257, 1e-5),
    ...oddSizes.flatMap((width) => [softmaxCase(width, false), softmaxCase(width, true)]),
    ...oddSizes.flatMap(gatherCases),
    ...(["mean", "max", "first", "sum"] as const).flatMap((how) => oddSizes.map((width) => poolCase(how, width))),
    poolTies(),
    ...rotateCases(),
  ];
}

function linearCases(): TrainingCase[] {
  const of = (P: number, I: number, O: number): TrainingCase =>
    gradientCase("gradients: linear", `[${P}, ${I}] · [${I}, ${O}]`, (workspace, random) => {
      const x = drawTensor(workspace, random, [P, I]);
      const weight = drawTensor(workspace, random, [I, O]);
      const dy = drawTensor(workspace, random, [P, O]);
      return {
        "gradient of x": workspace.linearInputGradient(dy, weight),
        "gradient of weight": workspace.linearWeightGradient(x, dy),
      };
    });
  return [
    ...oddSizes.flatMap((size) => [of(size, 7, 5), of(5, size, 9), of(6, 17, size)]),
    ...oddSizes.filter((size) => size !== 7).map((size) => of(size, size, size)),
    of(97, 130, 65),
    of(193, 40, 70),
    of(500, 5, 3),
    of(3, 300, 200),
    of(0, 5, 3),
    of(4, 0, 3),
    of(4, 5, 0),
  ];
}

function activateCase(activation: Activation, width: number): TrainingCase {
  return gradientCase("gradients: activate", `${activation}, width ${width}`, (workspace, random) => {
    const x = random.normals(9 * width, 2);
    // Where an activation is flat, and where a ReLU has its kink.
    x.set([0, 30, -30, -0, 5, -5, 100, -100, 12].slice(0, x.length));
    const dy = drawTensor(workspace, random, [9, width]);
    return { "gradient of x": workspace.activateGradient(workspace.upload(x, [9, width]), activation, dy) };
  });
}

function normCases(width: number): TrainingCase[] {
  return [1e-5, 0.1].flatMap((epsilon) => [
    normCase("layerNormGradient", 7, width, epsilon),
    normCase("rmsNormGradient", 7, width, epsilon),
  ]);
}

/** In rows of one or two the gradient of x is a difference of larger numbers that comes to almost nothing. */
const normScale = 1e-2;

function normCase(
  operation: "layerNormGradient" | "rmsNormGradient",
  P: number,
  width: number,
  epsilon: number,
): TrainingCase {
  const body: GradientBody = (workspace, random) => {
    const x = workspace.upload(
      random.normals(P * width, 3).map((value) => value + 2),
      [P, width],
    );
    const gain = drawTensor(workspace, random, [width]);
    return { ...workspace[operation](x, gain, epsilon, drawTensor(workspace, random, [P, width])) };
  };
  const group = operation === "layerNormGradient" ? "gradients: layerNorm" : "gradients: rmsNorm";
  return gradientCase(group, `[${P}, ${width}], epsilon ${epsilon}`, body, normScale);
}

function softmaxCase(width: number, log: boolean): TrainingCase {
  return gradientCase("gradients: softmax", `width ${width}${log ? ", log" : ""}`, (workspace, random) => {
    const x = drawTensor(workspace, random, [7, width], 2);
    const dy = drawTensor(workspace, random, [7, width]);
    const options = log ? { log } : {};
    return { "gradient of x": workspace.softmaxGradient(workspace.softmax(x, options), dy, options) };
  });
}

/** Rows that are picked several times, once, and never; and places that are no row. */
function gatherCases(width: number): TrainingCase[] {
  const ids = [0, 10, 3, 3, -1, 11, 2147483647, -2147483648, 5, 3, 7, 0];
  return [
    gradientCase("gradients: embed", `ids [P], width ${width}`, (workspace, random) => ({
      "gradient of table": workspace.embedGradient(
        integers(workspace, ids, [12]),
        drawTensor(workspace, random, [12, width]),
        11,
      ),
    })),
    gradientCase("gradients: embed", `ids [P, T], width ${width}`, (workspace, random) => ({
      "gradient of table": workspace.embedGradient(
        integers(workspace, ids, [4, 3]),
        drawTensor(workspace, random, [4, 3 * width]),
        11,
      ),
    })),
    gradientCase("gradients: embed", `many ids, few rows, width ${width}`, (workspace, random) => ({
      "gradient of table": workspace.embedGradient(
        integers(
          workspace,
          Array.from({ length: 900 }, () => random.integer(-1, 4)),
          [300, 3],
        ),
        drawTensor(workspace, random, [300, 3 * width]),
        4,
      ),
    })),
    gradientCase("gradients: embed", `no ids, width ${width}`, (workspace, random) => ({
      "gradient of table": workspace.embedGradient(
        integers(workspace, [], [0]),
        drawTensor(workspace, random, [0, width]),
        3,
      ),
    })),
    gradientCase("gradients: unfold", `width ${width}`, (workspace, random) => {
      const windows = integers(workspace, [-1, 0, 1, 0, 1, 2, 2, 3, 4, 4, -1, -1, -1, -1, -1, 1, 1, 0], [6, 3]);
      return { "gradient of x": workspace.unfoldGradient(drawTensor(workspace, random, [6, 3 * width]), windows, 6) };
    }),
    gradientCase("gradients: unfold", `a convolution over 70 rows, width ${width}`, (workspace, random) => {
      const windows = Array.from({ length: 70 }, (_, row) => [-2, -1, 0, 1, 2].map((by) => row + by)).flat();
      const dy = drawTensor(workspace, random, [70, 5 * width]);
      return { "gradient of x": workspace.unfoldGradient(dy, integers(workspace, windows, [70, 5]), 70) };
    }),
  ];
}

function poolCase(how: Pooling, width: number): TrainingCase {
  return gradientCase("gradients: pool", `${how}, width ${width}`, (workspace, random) => {
    const offsets = offsetsOf([3, 0, 1, 40, 0, 2]);
    const x = workspace.upload(
      random.normals(46 * width).map((value) => value - 8),
      [46, width],
    );
    return { "gradient of x": workspace.poolGradient(x, offsets, how, drawTensor(workspace, random, [6, width])) };
  });
}

/** The gradient of a maximum goes to the first row that has it. */
function poolTies(): TrainingCase {
  return gradientCase("gradients: pool", "max, equal rows", (workspace, random) => {
    const x = workspace.upload(
      Float32Array.from({ length: 30 * 9 }, () => random.integer(-2, 0)),
      [30, 9],
    );
    const dy = drawTensor(workspace, random, [3, 9]);
    return { "gradient of x": workspace.poolGradient(x, offsetsOf([12, 3, 15]), "max", dy) };
  });
}

function rotateCases(): TrainingCase[] {
  return [1, 2, 3].flatMap((heads) =>
    [2, 6, 8, 16, 18].flatMap((D) =>
      [false, true].flatMap((interleaved) =>
        [D, 2 * Math.floor(D / 4)].map((width) =>
          gradientCase(
            "gradients: rotate",
            `${heads} heads of ${D}, width ${width}${interleaved ? ", interleaved" : ""}`,
            (workspace, random) => {
              const angles = random.normals(5 * (width / 2));
              const table = (of: (angle: number) => number): Float32Array => angles.map(of);
              const dx = workspace.rotateGradient(
                drawTensor(workspace, random, [9, heads * D]),
                integers(workspace, [0, 4, 2, 2, -1, 5, 1, 3, 0], [9]),
                workspace.upload(table(Math.cos), [5, width / 2]),
                workspace.upload(table(Math.sin), [5, width / 2]),
                { heads, width, ...(interleaved ? { interleaved } : {}) },
              );
              return { "gradient of x": dx };
            },
          ),
        ),
      ),
    ),
  );
}
