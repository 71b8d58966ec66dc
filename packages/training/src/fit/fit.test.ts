import { describeLayout, initialWeights, layoutLinear, offsetsOf, type Weights } from "@saccade/attention-core";
import { createReferenceTrainingBackend } from "@saccade/attention-core/reference";
import { expect, test } from "vitest";
import {
  type Checkpoint,
  CheckpointMismatchError,
  crossEntropy,
  differentiable,
  fit,
  type FitOptions,
  NonFiniteLossError,
  shuffledBatches,
  uploadParameters,
} from "../index.ts";

// The parity of the rows of a set, from their embeddings: no linear map of a mean can tell it.
const sets: readonly number[][] = [
  [0],
  [1],
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
  [1, 1, 1],
  [0, 1, 1],
  [1, 0, 0],
  [0, 0, 0],
];
const labels = sets.map((set) => set.reduce((sum, bit) => sum + bit, 0) % 2);

type Setup = Omit<FitOptions<Int32Array>, "steps" | "epochs"> & { readonly scoresOf: () => Promise<Float32Array> };

function parity(seed = 1, width = 12): Setup {
  const layout = <T>(leaf: Parameters<typeof layoutLinear<T>>[4]) => ({
    table: leaf({ name: "table", shape: [2, width], role: "embedding" }),
    up: layoutLinear("up", width, width, true, leaf),
    down: layoutLinear("down", width, 2, true, leaf),
  });
  const specs = describeLayout(layout);
  const backend = differentiable(createReferenceTrainingBackend());
  const parameters = uploadParameters(backend, specs, initialWeights(specs, seed));
  const weights = layout(parameters.find);
  const forward: Setup["forward"] = (tape, numbers) => {
    const chosen = Array.from(numbers, (n) => sets[n]!);
    const rows = tape.embed(weights.table, tape.upload(Int32Array.from(chosen.flat()), [chosen.flat().length]));
    const pooled = tape.pool(rows, offsetsOf(chosen.map((set) => set.length)), "sum");
    const hidden = tape.dropout(tape.linear(pooled, weights.up.weight, weights.up.bias, "gelu"), 0.1);
    const scores = tape.linear(hidden, weights.down.weight, weights.down.bias);
    return [
      {
        scores,
        loss: (values) =>
          crossEntropy(
            values,
            Int32Array.from(numbers, (n) => labels[n]!),
          ),
      },
    ];
  };
  return {
    backend,
    parameters,
    forward,
    seed,
    batches: shuffledBatches(
      sets.map((set) => set.length),
      { positions: 8, seed },
    ),
    optimizer: { kind: "adamW", averaging: 0.9, decay: 0 },
    schedule: { kind: "constant", rate: 0.02 },
    scoresOf: async () => {
      using tape = backend.workspace();
      const [term] = await forward(
        tape,
        Int32Array.from(sets, (_, n) => n),
        { step: 0, epoch: 0 } as never,
      );
      return await tape.read(term!.scores);
    },
  };
}

function accuracyOf(scores: Float32Array): number {
  const right = labels.filter((label, n) => scores[2 * n + label]! > scores[2 * n + 1 - label]!);
  return right.length / labels.length;
}

const bitsOf = (weights: Weights): number[] =>
  [...weights.values()].flatMap(({ values }) => [...new Int32Array(values.buffer)]);

test("fit() learns the parity of sets", async () => {
  const setup = parity();
  const result = await fit({
    ...setup,
    steps: 300,
    evaluate: async () => accuracyOf(await setup.scoresOf()),
    better: "higher",
  });
  expect(result.best?.metric).toBe(1);
  expect(accuracyOf(await setup.scoresOf())).toBe(1);
});

test("fit() that is aborted and resumed gives the bits of one that is not", async () => {
  const whole = await fit({ ...parity(), steps: 20, accumulate: 2 });
  const saved: Checkpoint[] = [];
  const controller = new AbortController();
  const half = fit({
    ...parity(),
    steps: 20,
    accumulate: 2,
    signal: controller.signal,
    save: async (checkpoint) => {
      saved.push(checkpoint);
    },
    onProgress: ({ step }) => {
      if (step === 10) controller.abort(new Error("enough"));
    },
  });
  await expect(half).rejects.toThrow("enough");
  expect(saved.map(({ state }) => state.step)).toEqual([10]);
  const checkpoint = { ...saved[0]!, state: JSON.parse(JSON.stringify(saved[0]!.state)) };
  const rest = await fit({ ...parity(), steps: 20, accumulate: 2, resume: checkpoint });
  expect(bitsOf(rest.weights)).toEqual(bitsOf(whole.weights));
  expect(rest.loss).toBe(whole.loss);
});

test("fit() refuses the checkpoint of another seed, and names both hashes", async () => {
  const saved: Checkpoint[] = [];
  await fit({
    ...parity(),
    steps: 1,
    save: async (checkpoint) => {
      saved.push(checkpoint);
    },
  });
  const other = fit({ ...parity(2), steps: 2, resume: saved[0]! });
  await expect(other).rejects.toThrow(CheckpointMismatchError);
  await expect(other).rejects.toThrow(saved[0]!.state.hash);
  await expect(fit({ ...parity(1, 13), steps: 2, resume: saved[0]! })).rejects.toThrow(CheckpointMismatchError);
  await expect(fit({ ...parity(), steps: 2, resume: saved[0]!, identity: { data: 2 } })).rejects.toThrow(
    CheckpointMismatchError,
  );
});

test("fit() stops at a loss that is not finite, with the weights of before", async () => {
  const setup = parity();
  const saved: Checkpoint[] = [];
  const training = fit({
    ...setup,
    steps: 10,
    save: async (checkpoint) => {
      saved.push(checkpoint);
    },
    forward: async (tape, batch, context) => {
      const [term] = await setup.forward(tape, batch, context);
      if (context.step < 3) return [term!];
      return [{ ...term!, loss: (values) => ({ ...term!.loss(values), loss: Number.NaN }) }];
    },
  });
  await expect(training).rejects.toThrow(NonFiniteLossError);
  await expect(training).rejects.toThrow("at step 3");
  expect(saved.map(({ state }) => state.step)).toEqual([3]);
  expect(bitsOf(setup.parameters.weights).every((bits) => Number.isFinite(bits))).toBe(true);
});
