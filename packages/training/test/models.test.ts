import { dispose, sizeOf } from "@saccade/attention-core";
import { createReferenceTrainingBackend } from "@saccade/attention-core/reference";
import { expect, test } from "vitest";
import { differentiable, uploadParameters, zerosLike } from "../src/index.ts";
import { drawValues, smallModels } from "./models.ts";
import { derivative, weightedScores } from "./numeric-gradient.ts";

test.each(smallModels())("backward() of $name gives the derivatives that differences give", async (model) => {
  const reference = createReferenceTrainingBackend({ precision: "f64" });
  const backend = differentiable(reference);
  const parameters = uploadParameters(backend, model.specs, model.weights);
  const tape = backend.tape();
  const scores = await model.scores(backend, tape, parameters.find);
  const gradient = drawValues(11, sizeOf(scores.shape));
  const gradients = await tape.backward([{ tensor: scores, gradient }]);
  const found = zerosLike(model.weights);
  await parameters.readGradients(tape, gradients, found);

  let [distance, size] = [0, 0];
  for (const { name } of model.specs) {
    const { values } = model.weights.get(name)!;
    const gradientOf = found.get(name)!;
    // Every value of small tensors, a spread of those of large ones.
    for (let at = 0; at < values.length; at += Math.ceil(values.length / 12)) {
      const expected = await derivative(values, at, async () => weightedScores(model, model.weights, gradient));
      expect(Math.abs(gradientOf[at]! - expected), `${name}[${at}]`).toBeLessThan(
        1e-6 * Math.max(1, Math.abs(expected)),
      );
      distance += (gradientOf[at]! - expected) ** 2;
      size += expected ** 2;
    }
  }
  expect(size).toBeGreaterThan(0);
  expect(Math.sqrt(distance / size)).toBeLessThan(1e-6);

  const uploaded = model.specs.length;
  tape[dispose]();
  expect(reference.liveTensors).toBe(uploaded);
  parameters[dispose]();
  expect(reference.liveTensors).toBe(0);
});
