import { describe, expect, it } from "vitest";
import { evenNumbers, gradientError, oddNumbers } from "../../../test/central-differences.ts";
import type { Activation } from "../../backend.ts";
import { offsetsOf } from "../../ragged.ts";
import { type Shape, sizeOf } from "../../tensor.ts";

function input(shape: Shape, seed: number, numbers = evenNumbers): { values: Float32Array; shape: Shape } {
  return { values: numbers(sizeOf(shape), seed), shape };
}

describe("gradients of row operations agree with central differences:", () => {
  it.each([
    [4, 3, 5],
    [1, 1, 1],
    [0, 2, 3],
    [3, 0, 2],
    [7, 8, 2],
  ])("linearInputGradient() and linearWeightGradient(), [%i, %i] · [, %i]", (P, I, O) =>
    expect(
      gradientError({
        inputs: { x: input([P, I], 1), weight: input([I, O], 2) },
        forward: (workspace, { x, weight }) => workspace.linear(x, weight),
        backward: (workspace, { x, weight }, dy) => ({
          x: workspace.linearInputGradient(dy, weight),
          weight: workspace.linearWeightGradient(x, dy),
        }),
      }),
    ).resolves.toBeLessThan(1e-6),
  );

  it.each<Activation>(["gelu", "geluTanh", "relu", "silu", "tanh", "sigmoid", "elu"])(
    "activateGradient(), %s",
    (activation) =>
      expect(
        gradientError({
          inputs: { x: { values: oddNumbers(60, 3).map((value) => 3 * value), shape: [12, 5] } },
          forward: (workspace, { x }) => workspace.activate(x, activation),
          backward: (workspace, { x }, dy) => ({ x: workspace.activateGradient(x, activation, dy) }),
        }),
      ).resolves.toBeLessThan(1e-6),
  );

  it.each([1, 2, 5, 16])("layerNormGradient(), width %i", (W) =>
    expect(
      gradientError({
        inputs: { x: input([3, W], 1), gain: input([W], 2), bias: input([W], 3) },
        forward: (workspace, { x, gain, bias }) => workspace.layerNorm(x, gain, bias, 0.01),
        backward: (workspace, { x, gain }, dy) => workspace.layerNormGradient(x, gain, 0.01, dy),
      }),
    ).resolves.toBeLessThan(1e-6),
  );

  it.each([1, 2, 5, 16])("rmsNormGradient(), width %i", (W) =>
    expect(
      gradientError({
        inputs: { x: input([3, W], 1), gain: input([W], 2) },
        forward: (workspace, { x, gain }) => workspace.rmsNorm(x, gain, 0.01),
        backward: (workspace, { x, gain }, dy) => workspace.rmsNormGradient(x, gain, 0.01, dy),
      }),
    ).resolves.toBeLessThan(1e-6),
  );

  it.each([
    [1, false],
    [7, false],
    [1, true],
    [7, true],
  ])("softmaxGradient(), width %i, log %s", (W, log) =>
    expect(
      gradientError({
        inputs: { x: input([4, W], 1) },
        forward: (workspace, { x }) => workspace.softmax(x, { log }),
        backward: (workspace, { x }, dy) => ({
          x: workspace.softmaxGradient(workspace.softmax(x, { log }), dy, { log }),
        }),
      }),
    ).resolves.toBeLessThan(1e-6),
  );

  it.each([[[8]], [[4, 2]]])("embedGradient(), ids %j", (shape) =>
    expect(
      gradientError({
        inputs: { table: input([5, 3], 1) },
        forward: (workspace, { table }) =>
          workspace.embed(table, workspace.upload(Int32Array.of(0, 4, 4, -1, 5, 2, 0, 4), shape)),
        backward: (workspace, _, dy) => ({
          table: workspace.embedGradient(workspace.upload(Int32Array.of(0, 4, 4, -1, 5, 2, 0, 4), shape), dy, 5),
        }),
      }),
    ).resolves.toBeLessThan(1e-6),
  );

  it.each(["mean", "max", "first", "sum"] as const)("poolGradient(), %s", (how) =>
    expect(
      gradientError({
        inputs: { x: input([9, 4], 1) },
        forward: (workspace, { x }) => workspace.pool(x, offsetsOf([3, 0, 1, 5]), how),
        backward: (workspace, { x }, dy) => ({ x: workspace.poolGradient(x, offsetsOf([3, 0, 1, 5]), how, dy) }),
      }),
    ).resolves.toBeLessThan(1e-6),
  );

  it("unfoldGradient()", () => {
    const windows = Int32Array.of(-1, 0, 1, 0, 1, 1, 2, 3, -1, 9, 2, 2);
    return expect(
      gradientError({
        inputs: { x: input([4, 3], 1) },
        forward: (workspace, { x }) => workspace.unfold(x, workspace.upload(windows, [4, 3])),
        backward: (workspace, _, dy) => ({ x: workspace.unfoldGradient(dy, workspace.upload(windows, [4, 3]), 4) }),
      }),
    ).resolves.toBeLessThan(1e-6);
  });

  it.each([
    { heads: 2 },
    { heads: 2, interleaved: true },
    { heads: 2, width: 2 },
    { heads: 1, width: 6, interleaved: true },
    { heads: 4, width: 0 },
  ])("rotateGradient(), %o", (options) => {
    const half = ("width" in options ? (options.width ?? 0) : 8 / options.heads) / 2;
    return expect(
      gradientError({
        inputs: { x: input([5, 8], 1), cos: input([3, half], 2), sin: input([3, half], 3) },
        forward: (workspace, { x, cos, sin }) =>
          workspace.rotate(x, workspace.upload(Int32Array.of(0, 2, -1, 1, 3), [5]), cos, sin, options),
        backward: (workspace, { cos, sin }, dy) => ({
          x: workspace.rotateGradient(dy, workspace.upload(Int32Array.of(0, 2, -1, 1, 3), [5]), cos, sin, options),
        }),
      }),
    ).resolves.toBeLessThan(1e-6);
  });

  it("dropout(), its own gradient", () => {
    const dropout = { rate: 0.4, seed: 12 };
    return expect(
      gradientError({
        inputs: { x: input([10, 4], 1) },
        forward: (workspace, { x }) => workspace.dropout(x, dropout),
        backward: (workspace, _, dy) => ({ x: workspace.dropout(dy, dropout) }),
      }),
    ).resolves.toBeLessThan(1e-6);
  });
});
