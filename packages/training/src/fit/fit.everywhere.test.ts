import {
  describeLayout,
  initialWeights,
  layoutLinear,
  offsetsOf,
  type TrainingBackend,
  type Weights,
} from "@saccade/attention-core";
import { createReferenceTrainingBackend } from "@saccade/attention-core/reference";
import { createWasmTrainingBackend } from "@saccade/attention-core/wasm-training";
import { createWebgpuTrainingBackend } from "@saccade/attention-core/webgpu-training";
import { expect, test } from "vitest";
import { lacksGpu } from "../../../attention-core/test/gpu.ts";
import {
  type Checkpoint,
  CheckpointMismatchError,
  crossEntropy,
  differentiable,
  fit,
  type FitOptions,
  type FitProgress,
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

function parity(seed = 1, width = 12, rate = 0.1, device: TrainingBackend = createReferenceTrainingBackend()): Setup {
  const layout = <T>(leaf: Parameters<typeof layoutLinear<T>>[4]) => ({
    table: leaf({ name: "table", shape: [2, width], role: "embedding" }),
    up: layoutLinear("up", width, width, true, leaf),
    down: layoutLinear("down", width, 2, true, leaf),
  });
  const specs = describeLayout(layout);
  const backend = differentiable(device);
  const parameters = uploadParameters(backend, specs, initialWeights(specs, seed));
  const weights = layout(parameters.find);
  const forward: Setup["forward"] = (tape, numbers) => {
    const chosen = Array.from(numbers, (n) => sets[n]!);
    const rows = tape.embed(weights.table, tape.upload(Int32Array.from(chosen.flat()), [chosen.flat().length]));
    const pooled = tape.pool(rows, offsetsOf(chosen.map((set) => set.length)), "sum");
    const hidden = tape.dropout(tape.linear(pooled, weights.up.weight, weights.up.bias, "gelu"), rate);
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

const opens: Readonly<Record<string, () => Promise<TrainingBackend>>> = {
  reference: async () => createReferenceTrainingBackend(),
  wasm: async () => createWasmTrainingBackend({ threads: 1 }),
  webgpu: async () => createWebgpuTrainingBackend({ software: true }),
};
const noGpu = await lacksGpu("fit() on WebGPU");

test.each(Object.keys(opens).filter((name) => name !== "webgpu" || !noGpu))(
  "fit() on %s that is aborted and resumed gives the bits of one that is not",
  { timeout: 180_000 },
  async (name) => {
    await using device = await opens[name]!();
    const setup = (): Omit<FitOptions<Int32Array>, "epochs"> => ({
      ...parity(1, 12, 0.1, device),
      steps: 20,
      accumulate: 2,
    });
    const whole = await fit(setup());
    const saved: Checkpoint[] = [];
    const controller = new AbortController();
    const half = fit({
      ...setup(),
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
    const rest = await fit({ ...setup(), resume: checkpoint });
    expect(bitsOf(rest.weights)).toEqual(bitsOf(whole.weights));
    expect(rest.loss).toBe(whole.loss);
  },
);

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
  const reordered = { averaging: 0.9, decay: 0, kind: "adamW" } as const;
  expect((await fit({ ...parity(), steps: 2, resume: saved[0]!, optimizer: reordered })).steps).toBe(2);
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

test("fit() keeps the best by its metric, higher or lower, and stops when patience ends", async () => {
  for (const better of ["higher", "lower"] as const) {
    const series = [3, 5, 4, 4, 9, 1].map((metric) => (better === "higher" ? metric : -metric));
    const seen: number[][] = [];
    const setup = parity();
    const { best, steps, weights } = await fit({
      ...setup,
      steps: 60,
      evaluateEvery: 5,
      patience: 2,
      better,
      evaluate: async (averages) => {
        seen.push(bitsOf(averages));
        // The device holds the averages too.
        using workspace = setup.backend.workspace();
        const table = setup.parameters.find({ name: "table", shape: [2, 12], role: "embedding" });
        expect(await workspace.read(table)).toEqual(averages.get("table")!.values);
        return series[seen.length - 1]!;
      },
    });
    expect(best).toEqual({ metric: series[1], step: 10 });
    expect(steps).toBe(20);
    expect(bitsOf(weights)).toEqual(seen[1]);
  }
});

test("fit() with accumulated batches makes the step of one large batch", async () => {
  const steps = async (batches: readonly Int32Array[], accumulate: number): Promise<Weights> => {
    // Without dropout, whose masks follow the batch.
    const { weights } = await fit({
      ...parity(1, 12, 0),
      batches: () => batches,
      accumulate,
      steps: 3,
      optimizer: { kind: "adamW", epsilon: 1e-3 },
    });
    return weights;
  };
  const one = await steps([Int32Array.of(0, 1, 2, 3, 4)], 1);
  const several = await steps([Int32Array.of(0, 1), Int32Array.of(2), Int32Array.of(3, 4)], 3);
  for (const [name, { values }] of one) {
    for (const [i, value] of values.entries()) expect(several.get(name)!.values[i]).toBeCloseTo(value, 5);
  }
});

test("fit() that is aborted in an evaluation, and resumed, evaluates there", async () => {
  const metrics = async (change: Partial<FitOptions<Int32Array>>, seen: number[]): Promise<unknown> =>
    fit({
      ...parity(),
      steps: 20,
      evaluateEvery: 5,
      onProgress: ({ step, metric }) => seen.push(step * 100 + (metric ?? 0)),
      evaluate: async (weights) => Math.round(50 * Math.abs(weights.get("table")!.values[0]!)),
      ...change,
    } as FitOptions<Int32Array>);
  const whole: number[] = [];
  const parts: number[] = [];
  const result = await metrics({}, whole);
  const controller = new AbortController();
  const saved: Checkpoint[] = [];
  const first = metrics(
    {
      signal: controller.signal,
      save: async (checkpoint) => {
        saved.push(checkpoint);
      },
      evaluate: async (weights) => {
        if (parts.length > 10) controller.abort(new Error("enough"));
        controller.signal.throwIfAborted();
        return Math.round(50 * Math.abs(weights.get("table")!.values[0]!));
      },
    },
    parts,
  );
  await expect(first).rejects.toThrow("enough");
  expect(saved[0]?.state).toMatchObject({ step: 10, evaluated: 5 });
  expect(await metrics({ resume: saved[0]! }, parts)).toEqual(result);
  expect(parts).toEqual(whole);
});

test("fit() saves when time is up and at the end, copies that later steps leave alone", async () => {
  const saved: { readonly checkpoint: Checkpoint; readonly bits: number[] }[] = [];
  const { weights } = await fit({
    ...parity(),
    steps: 6,
    saveEverySeconds: 0,
    save: async (checkpoint) => {
      saved.push({ checkpoint, bits: bitsOf(checkpoint.tensors) });
    },
  });
  expect(saved.map(({ checkpoint }) => checkpoint.state.step)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  for (const { checkpoint, bits } of saved) expect(bitsOf(checkpoint.tensors)).toEqual(bits);
  const names = [...weights.keys()].flatMap((name) =>
    ["weights", "first", "second", "average"].map((kind) => `${kind}/${name}`),
  );
  expect([...saved[6]!.checkpoint.tensors.keys()].toSorted()).toEqual(names.toSorted());
});

test("fit() does not call save again when that is what failed", async () => {
  let calls = 0;
  const training = fit({
    ...parity(),
    steps: 5,
    saveEverySeconds: 0,
    save: async () => {
      calls += 1;
      throw new Error("disk full");
    },
  });
  await expect(training).rejects.toThrow("disk full");
  expect(calls).toBe(1);
});

test("fit() tells how far it is, and sums losses of several terms by their weights", async () => {
  const setup = parity(1, 12, 0);
  const progress: FitProgress[] = [];
  const losses: number[] = [];
  await fit({
    ...setup,
    epochs: 2,
    batches: () => [Int32Array.of(0, 1, 2), Int32Array.of(3)],
    forward: async (tape, batch, context) => {
      const [term] = await setup.forward(tape, batch, context);
      const noted = (values: Float32Array) => {
        const made = term!.loss(values);
        if (context.step === 0) losses.push(made.loss);
        return made;
      };
      return [
        { ...term!, loss: noted },
        { ...term!, weight: 0.5 },
      ];
    },
    onProgress: (each) => progress.push(each),
  });
  expect(progress.map(({ step, steps, epoch }) => [step, steps, epoch])).toEqual([
    [1, 4, 0],
    [2, 4, 1],
    [3, 4, 1],
    [4, 4, 2],
  ]);
  expect(progress[0]!.loss).toBeCloseTo(1.5 * losses[0]!, 10);
  expect(progress.every(({ positionsPerSecond, secondsLeft }) => positionsPerSecond > 0 && secondsLeft >= 0)).toBe(
    true,
  );
  expect(progress.at(-1)!.secondsLeft).toBe(0);
});

test("fit() draws the same noise for a step, whatever ran before", async () => {
  const draws = async (resume?: Checkpoint): Promise<{ drawn: Map<number, number>; saved: Checkpoint[] }> => {
    const setup = parity();
    const drawn = new Map<number, number>();
    const saved: Checkpoint[] = [];
    await fit({
      ...setup,
      steps: 4,
      resume,
      saveEverySeconds: 0,
      save: async (checkpoint) => {
        saved.push(checkpoint);
      },
      forward: async (tape, batch, context) => {
        drawn.set(context.step, context.random.bits());
        return setup.forward(tape, batch, context);
      },
    });
    return { drawn, saved };
  };
  const { drawn, saved } = await draws();
  expect(new Set(drawn.values()).size).toBe(4);
  const rest = (await draws(saved[2])).drawn;
  expect([...rest]).toEqual([...drawn].slice(2));
});

test("fit() refuses what it cannot use", async () => {
  const setup = parity();
  const given = (change: Partial<FitOptions<Int32Array>>) =>
    fit({ ...setup, steps: 1, ...change } as FitOptions<Int32Array>);
  await expect(given({ epochs: 1 })).rejects.toThrow("either steps or epochs");
  await expect(given({ seed: 0.5 })).rejects.toThrow("seed must be a safe integer, it is 0.5");
  await expect(given({ clip: 0 })).rejects.toThrow("clip must be > 0, it is 0");
  await expect(given({ accumulate: 0 })).rejects.toThrow("accumulate must be an integer >= 1, it is 0");
  await expect(given({ batches: () => [] })).rejects.toThrow("epoch 0 has none");
  await expect(given({ schedule: { kind: "cosine", rate: -1 } })).rejects.toThrow("rate must be >= 0, it is -1");
});
