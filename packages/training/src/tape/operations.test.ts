// Each operation of a workspace on the tape, against differences over the float64 reference.

import { offsetsOf, sizeOf, type Tensor, type Workspace } from "@saccade/attention-core";
import { createReferenceTrainingBackend } from "@saccade/attention-core/reference";
import { expect, test } from "vitest";
import { drawValues } from "../../test/models.ts";
import { derivative } from "../../test/numeric-gradient.ts";
import { differentiable } from "../index.ts";

interface OperationCase {
  readonly name: string;
  /** Shapes of the arguments that have a gradient. */
  readonly shapes: readonly (readonly number[])[];
  readonly run: (workspace: Workspace, inputs: readonly Tensor[]) => Tensor;
}

const offsets = offsetsOf([2, 0, 3]);
const backendForPlans = createReferenceTrainingBackend();
const full = backendForPlans.plan(offsets, offsets, { kind: "full" });
const causal = backendForPlans.plan(offsets, offsets, { kind: "causal" });
const graph = backendForPlans.plan(offsets, offsets, {
  kind: "neighbors",
  offsets: Int32Array.of(0, 2, 3, 5, 5, 7),
  indices: Int32Array.of(0, 1, 0, 0, 2, 1, 1),
});

const cases: readonly OperationCase[] = [
  {
    name: "embed of ids side by side",
    shapes: [[4, 3]],
    run: (w, [table]) => w.embed(table!, w.upload(Int32Array.of(0, 3, 3, -1, 2, 0), [3, 2])),
  },
  ...([null, "gelu", "geluTanh", "relu", "silu", "tanh", "sigmoid", "elu"] as const).map((activation) => ({
    name: `linear with ${activation ?? "no activation"}`,
    shapes: [[4, 3], [3, 5], [5]],
    run: (w: Workspace, [x, weight, bias]: readonly Tensor[]) => w.linear(x!, weight!, bias!, activation),
  })),
  {
    name: "linear without bias",
    shapes: [
      [4, 3],
      [3, 5],
    ],
    run: (w, [x, weight]) => w.linear(x!, weight!),
  },
  { name: "activate", shapes: [[2, 2, 2]], run: (w, [x]) => w.activate(x!, "silu") },
  {
    name: "add",
    shapes: [
      [4, 3],
      [4, 3],
    ],
    run: (w, [a, b]) => w.add(a!, b!),
  },
  { name: "add of a row", shapes: [[4, 3], [3]], run: (w, [a, b]) => w.add(a!, b!) },
  { name: "add of a row to three axes", shapes: [[2, 2, 3], [3]], run: (w, [a, b]) => w.add(a!, b!) },
  { name: "add of a tensor to itself", shapes: [[4, 3]], run: (w, [a]) => w.add(a!, a!) },
  {
    name: "multiply",
    shapes: [
      [4, 3],
      [4, 3],
    ],
    run: (w, [a, b]) => w.multiply(a!, b!),
  },
  { name: "multiply by a row", shapes: [[4, 3], [3]], run: (w, [a, b]) => w.multiply(a!, b!) },
  { name: "multiply of a tensor by itself", shapes: [[4, 3]], run: (w, [a]) => w.multiply(a!, a!) },
  { name: "layerNorm", shapes: [[4, 5], [5], [5]], run: (w, [x, gain, bias]) => w.layerNorm(x!, gain!, bias!, 1e-3) },
  { name: "layerNorm without bias", shapes: [[4, 5], [5]], run: (w, [x, gain]) => w.layerNorm(x!, gain!, null, 1e-3) },
  { name: "rmsNorm", shapes: [[4, 5], [5]], run: (w, [x, gain]) => w.rmsNorm(x!, gain!, 1e-3) },
  { name: "softmax", shapes: [[4, 5]], run: (w, [x]) => w.softmax(x!) },
  { name: "log softmax", shapes: [[4, 5]], run: (w, [x]) => w.softmax(x!, { log: true }) },
  ...(["mean", "max", "first", "sum"] as const).map((how) => ({
    name: `pool by ${how}`,
    shapes: [[5, 3]],
    run: (w: Workspace, [x]: readonly Tensor[]) => w.pool(x!, offsets, how),
  })),
  {
    name: "unfold",
    shapes: [[4, 3]],
    run: (w, [x]) => w.unfold(x!, w.upload(Int32Array.of(0, 1, 1, -1, 3, 1), [3, 2])),
  },
  {
    name: "rotate",
    shapes: [[4, 6]],
    run: (w, [x]) => {
      const angles = drawValues(9, 6).map((value) => 3 * value);
      const cos = w.upload(
        angles.map((angle) => Math.cos(angle)),
        [6, 1],
      );
      const sin = w.upload(
        angles.map((angle) => Math.sin(angle)),
        [6, 1],
      );
      const options = { heads: 2, width: 2, interleaved: true };
      return w.rotate(x!, w.upload(Int32Array.of(0, 5, 2, 9), [4]), cos, sin, options);
    },
  },
  {
    name: "concatenate",
    shapes: [
      [4, 2],
      [4, 3],
    ],
    run: (w, [a, b]) => w.concatenate([a!, b!, a!]),
  },
  { name: "slice", shapes: [[4, 5]], run: (w, [x]) => w.slice(x!, 1, 4) },
  { name: "slice of all", shapes: [[4, 5]], run: (w, [x]) => w.slice(x!, 0, 5) },
  { name: "reshape", shapes: [[4, 6]], run: (w, [x]) => w.reshape(x!, [8, 3]) },
  {
    name: "append",
    shapes: [
      [3, 2],
      [4, 2],
    ],
    run: (w, [a, b]) =>
      w.append([
        { rows: a!, offsets: offsetsOf([1, 0, 2]) },
        { rows: b!, offsets: offsetsOf([0, 3, 1]) },
      ]),
  },
  {
    name: "attention",
    shapes: [
      [5, 4],
      [5, 4],
      [5, 4],
    ],
    run: (w, [q, k, v]) => w.attention(q!, k!, v!, causal, { heads: 2, softcap: 1 }).output,
  },
  {
    name: "attention of a tensor to itself",
    shapes: [[5, 4]],
    run: (w, [x]) => w.attention(x!, x!, x!, full, { heads: 2 }).output,
  },
  {
    name: "attention with an additive score",
    shapes: [
      [5, 4],
      [5, 4],
      [5, 6],
      [2, 2],
    ],
    run: (w, [q, k, v, vector]) =>
      w.attention(q!, k!, v!, graph, { heads: 2, score: { kind: "additive", vector: vector!, activation: "tanh" } })
        .output,
  },
  {
    name: "attention with biases of edges",
    shapes: [
      [5, 4],
      [5, 4],
      [5, 4],
      [7, 2],
    ],
    run: (w, [q, k, v, values]) =>
      w.attention(q!, k!, v!, graph, { heads: 2, bias: { kind: "edges", values: values! } }).output,
  },
  {
    name: "attention with a dense bias",
    shapes: [[5, 4], [5, 2], [5, 2], [2 * 13]],
    run: (w, [q, k, v, values]) =>
      w.attention(q!, k!, v!, full, { heads: 2, kvHeads: 1, bias: { kind: "dense", values: values!, heads: 2 } })
        .output,
  },
  {
    name: "attention with slopes, normalized by relu",
    shapes: [[5, 4], [5, 4], [5, 4], [2]],
    run: (w, [q, k, v, slopes]) =>
      w.attention(q!, k!, v!, full, { heads: 2, normalizer: "relu", bias: { kind: "alibi", slopes: slopes! } }).output,
  },
  {
    name: "attention to the hardest key",
    shapes: [
      [5, 4],
      [5, 4],
      [5, 4],
    ],
    run: (w, [q, k, v]) => w.attention(q!, k!, v!, full, { heads: 2, normalizer: "hard" }).output,
  },
];

test.each(cases)("backward() through $name gives the derivatives that differences give", async ({ shapes, run }) => {
  const values = shapes.map((shape, i) => drawValues(20 + i, sizeOf(shape)));
  const sample = backendForPlans.workspace();
  const dy = drawValues(40, sizeOf(run(sample, uploadAll(sample, shapes, values)).shape));
  const sum = async (): Promise<number> => {
    const backend = createReferenceTrainingBackend({ precision: "f64" });
    const workspace = backend.workspace();
    const y = backend.peek(run(workspace, uploadAll(workspace, shapes, values)));
    return y.reduce((total, value, i) => total + value * dy[i]!, 0);
  };
  const device = createReferenceTrainingBackend({ precision: "f64" });
  const backend = differentiable(device);
  const parameters = values.map((each, i) => backend.parameter(each, shapes[i]!));
  const tape = backend.tape();
  const y = run(
    tape,
    parameters.map(({ tensor }) => tensor),
  );
  const gradients = await tape.backward([{ tensor: y, gradient: dy }]);
  for (const [i, { tensor }] of parameters.entries()) {
    expect(gradients.get(tensor)!.shape).toEqual(shapes[i]);
    const found = await tape.read(gradients.get(tensor)!);
    for (let at = 0; at < found.length; at += 1) {
      const expected = await derivative(values[i]!, at, sum);
      expect(Math.abs(found[at]! - expected), `argument ${i}, value ${at}`).toBeLessThan(
        1e-6 * Math.max(1, Math.abs(expected)),
      );
    }
  }
  tape[Symbol.dispose]();
  expect(device.liveTensors).toBe(parameters.length);
});

function uploadAll(workspace: Workspace, shapes: OperationCase["shapes"], values: readonly Float32Array[]): Tensor[] {
  return shapes.map((shape, i) => workspace.upload(values[i]!, shape));
}
