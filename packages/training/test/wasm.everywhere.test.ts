// The same models on the WASM backend: its gradients against those of the reference, and along a random direction.

import { dispose, sizeOf } from "@saccade/attention-core";
import { createReferenceTrainingBackend } from "@saccade/attention-core/reference";
import { createWasmTrainingBackend } from "@saccade/attention-core/wasm-training";
import { expect, test } from "vitest";
import {
  type DifferentiableBackend,
  differentiable,
  type NamedValues,
  uploadParameters,
  zerosLike,
} from "../src/index.ts";
import { drawValues, type SmallModel, smallModels } from "./models.ts";
import { weightedScores } from "./numeric-gradient.ts";

async function gradientsOf(
  backend: DifferentiableBackend,
  model: SmallModel,
): Promise<{ gradients: NamedValues; dy: Float32Array }> {
  using parameters = uploadParameters(backend, model.specs, model.weights);
  const tape = backend.tape({ seed: 3 });
  const scores = await model.scores(backend, tape, parameters.find);
  const dy = drawValues(11, sizeOf(scores.shape));
  const gradients = zerosLike(model.weights);
  await parameters.readGradients(tape, await tape.backward([{ tensor: scores, gradient: dy }]), gradients);
  tape[dispose]();
  return { gradients, dy };
}

test.each(smallModels())("gradients of $name on WASM are those of the reference", async (model) => {
  await using wasm = await createWasmTrainingBackend({ threads: 1 });
  const backend = differentiable(wasm);
  const found = (await gradientsOf(backend, model)).gradients;
  const live = wasm.liveBytes;
  const expected = (await gradientsOf(differentiable(createReferenceTrainingBackend()), model)).gradients;
  const largestOf = (values: Float32Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  // A bias of keys has no gradient but what rounding leaves of sums as large as those of its neighbours.
  const least = 0.01 * Math.max(...Array.from(expected.values(), largestOf));
  for (const [name, values] of expected) {
    const largest = Math.max(least, largestOf(values));
    for (const [i, value] of values.entries()) {
      expect(Math.abs(found.get(name)![i]! - value), `${name}[${i}]`).toBeLessThan(1e-4 * largest);
    }
  }
  // What the backend keeps for itself it has by now; another batch leaves nothing.
  await gradientsOf(backend, model);
  expect(wasm.liveBytes).toBe(live);
});

test.each(smallModels())("gradients of $name on WASM are the slope along a random direction", async (model) => {
  await using wasm = await createWasmTrainingBackend({ threads: 1 });
  const { gradients, dy } = await gradientsOf(differentiable(wasm), model);
  let expected = 0;
  const moved = (distance: number) =>
    new Map(
      [...model.weights].map(([name, { values, shape }], i) => {
        const direction = drawValues(60 + i, values.length);
        return [name, { shape, values: values.map((value, at) => value + distance * direction[at]!) }];
      }),
    );
  const step = 2 ** -17;
  const [above, below] = [moved(step), moved(-step)];
  const slope = ((await weightedScores(model, above, dy)) - (await weightedScores(model, below, dy))) / (2 * step);
  for (const [name, values] of gradients) {
    const [right, left] = [above.get(name)!.values, below.get(name)!.values];
    for (const [i, gradient] of values.entries()) expected += (gradient * (right[i]! - left[i]!)) / (2 * step);
  }
  expect(Math.abs(slope - expected)).toBeLessThan(1e-3 * Math.max(1, Math.abs(slope)));
});
