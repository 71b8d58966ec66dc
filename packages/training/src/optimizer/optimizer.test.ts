import type { HostTensor, WeightSpec } from "@saccade/attention-core";
import { describe, expect, test } from "vitest";
import { drawValues } from "../../test/models.ts";
import { averagingDecay, clipFactor, createOptimizer, globalNorm, type OptimizerSettings, rateAt } from "../index.ts";

const matrix: WeightSpec = { name: "w", shape: [2, 2], role: "matrix" };
const bias: WeightSpec = { name: "b", shape: [2], role: "bias" };

function weightsOf(specs: readonly WeightSpec[]): Map<string, HostTensor> {
  return new Map(
    specs.map(({ name, shape }, i) => [
      name,
      {
        values: drawValues(
          i,
          shape.reduce((a, b) => a * b, 1),
        ),
        shape,
      },
    ]),
  );
}

/** Adam as the papers write it, value by value. */
function steps(
  settings: OptimizerSettings,
  start: number,
  decays: boolean,
  gradients: readonly number[],
  rate: number,
): number[] {
  const { kind, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, decay = kind === "adamW" ? 0.01 : 0 } = settings;
  let [w, m, v] = [start, 0, 0];
  return gradients.map((given, t) => {
    const g = given + (kind === "adam" && decays ? decay * w : 0);
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    const corrected = m / (1 - beta1 ** (t + 1)) / (Math.sqrt(v / (1 - beta2 ** (t + 1))) + epsilon);
    w -= rate * (corrected + (kind === "adamW" && decays ? decay * w : 0));
    return w;
  });
}

describe("createOptimizer()", () => {
  test.each<OptimizerSettings>([
    { kind: "adamW" },
    { kind: "adamW", decay: 0.3, beta1: 0.8, beta2: 0.95, epsilon: 1e-3 },
    { kind: "adam" },
    { kind: "adam", decay: 0.05 },
    { kind: "adam", decay: 0.05, decays: ["bias"] },
  ])("steps as the formula of %j", (settings) => {
    const specs = [matrix, bias];
    const weights = weightsOf(specs);
    const starts = new Map(specs.map(({ name }) => [name, weights.get(name)!.values.slice()]));
    const optimizer = createOptimizer(specs, weights, settings);
    const drawn = Array.from(
      { length: 12 },
      (_, t) => new Map(specs.map(({ name, shape }) => [name, drawValues(50 + t, shape.length * 2)])),
    );
    for (const gradients of drawn) optimizer.step(gradients, 0.05);
    for (const { name, role } of specs) {
      for (const [i, start] of starts.get(name)!.entries()) {
        const series = drawn.map((gradients) => gradients.get(name)![i]!);
        const decays = (settings.decays ?? ["matrix", "embedding"]).includes(role);
        expect(weights.get(name)!.values[i]).toBeCloseTo(steps(settings, start, decays, series, 0.05).at(-1)!, 5);
      }
    }
  });

  test("makes the first step of AdamW by hand: the rate against the gradient's sign, and the decay", () => {
    const weights = new Map([["w", { values: Float32Array.of(1, -2, 3, 0), shape: [2, 2] }]]);
    createOptimizer([matrix], weights, { kind: "adamW", decay: 0.1 }).step(
      new Map([["w", Float32Array.of(5, -0.01, 0, 2)]]),
      0.1,
    );
    const expected = [1 - 0.1 - 0.01, -2 + 0.1 + 0.02, 3 - 0.03, -0.1];
    for (const [i, value] of weights.get("w")!.values.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
  });

  test("averages weights with a decay that grows to its limit", () => {
    const weights = weightsOf([matrix]);
    const optimizer = createOptimizer([matrix], weights, { kind: "adamW", averaging: 0.3 });
    const expected = Float64Array.from(weights.get("w")!.values);
    for (let t = 0; t < 8; t += 1) {
      optimizer.step(new Map([["w", drawValues(t, 4)]]), 0.1);
      const decay = averagingDecay(0.3, t);
      expect(decay).toBe(Math.min(0.3, (1 + t) / (10 + t)));
      for (let i = 0; i < 4; i += 1) expected[i] = decay * expected[i]! + (1 - decay) * weights.get("w")!.values[i]!;
    }
    for (const [i, value] of optimizer.averages().get("w")!.values.entries())
      expect(value).toBeCloseTo(expected[i]!, 5);
    expect(optimizer.averages().get("w")!.values).not.toBe(weights.get("w")!.values);
  });

  test("lazy leaves rows of embeddings without a gradient, and its averages are those of the weights", () => {
    const table: WeightSpec = { name: "t", shape: [3, 2], role: "embedding" };
    const weights = weightsOf([table]);
    const { values } = weights.get("t")!;
    const start = values.slice();
    const optimizer = createOptimizer([table], weights, { kind: "adamW", averaging: 0.9, lazy: true });
    const expected = Float64Array.from(values);
    // Row 0 each time, row 1 now and then, row 2 never.
    for (let t = 0; t < 30; t += 1) {
      const gradient = new Float32Array(6);
      gradient.set(drawValues(t, 2), 0);
      if (t % 7 === 3) gradient.set(drawValues(t + 100, 2), 2);
      const before = values.slice();
      optimizer.step(new Map([["t", gradient]]), 0.1);
      expect(values.slice(2, 4).every((value, i) => (value === before[2 + i]!) === (t % 7 !== 3))).toBe(true);
      const decay = averagingDecay(0.9, t);
      for (let i = 0; i < 6; i += 1) expected[i] = decay * expected[i]! + (1 - decay) * values[i]!;
    }
    expect(values.slice(4)).toEqual(start.slice(4));
    for (const [i, value] of optimizer.averages().get("t")!.values.entries())
      expect(value).toBeCloseTo(expected[i]!, 5);
  });

  test("is the same dense and lazy where every row has a gradient", () => {
    const table: WeightSpec = { name: "t", shape: [3, 2], role: "embedding" };
    const run = (lazy: boolean): Float32Array => {
      const weights = weightsOf([table]);
      const optimizer = createOptimizer([table], weights, { kind: "adamW", averaging: 0.9, lazy });
      for (let t = 0; t < 10; t += 1) optimizer.step(new Map([["t", drawValues(t, 6)]]), 0.1);
      return optimizer.averages().get("t")!.values;
    };
    expect(run(true)).toEqual(run(false));
  });

  test("goes on from its state to the same bits", () => {
    const table: WeightSpec = { name: "t", shape: [2, 2], role: "embedding" };
    const settings: OptimizerSettings = { kind: "adamW", averaging: 0.9, lazy: true };
    const gradientAt = (t: number): Map<string, Float32Array> =>
      new Map([["t", t % 3 === 0 ? drawValues(t, 4) : Float32Array.of(...drawValues(t, 2), 0, 0)]]);
    const whole = weightsOf([table]);
    const optimizer = createOptimizer([table], whole, settings);
    for (let t = 0; t < 5; t += 1) optimizer.step(gradientAt(t), 0.1);
    const part = new Map([["t", { values: whole.get("t")!.values.slice(), shape: [2, 2] }]]);
    const next = createOptimizer([table], part, settings);
    next.restore(optimizer.state(), optimizer.steps);
    for (let t = 5; t < 11; t += 1) {
      optimizer.step(gradientAt(t), 0.1);
      next.step(gradientAt(t), 0.1);
    }
    expect(part).toEqual(whole);
    expect(next.averages()).toEqual(optimizer.averages());
    expect(next.state()).toEqual(optimizer.state());
  });

  test("refuses settings out of range, and gradients that do not fit", () => {
    const weights = weightsOf([matrix]);
    expect(() => createOptimizer([matrix], weights, { kind: "adamW", beta1: 1 })).toThrow(
      "beta1 must be from 0 to below 1, it is 1",
    );
    expect(() => createOptimizer([matrix], weights, { kind: "adamW", averaging: 0 })).toThrow("averaging");
    expect(() => createOptimizer([matrix], weights, { kind: "sgd" as "adam" })).toThrow("it is sgd");
    const optimizer = createOptimizer([matrix], weights, { kind: "adam" });
    expect(() => optimizer.step(new Map(), 1)).toThrow('"w" must have 4 gradients, it has 0');
    expect(() => optimizer.restore(new Map(), 1)).toThrow('"first/w" must have 4 values, it has none');
  });
});

test("globalNorm() is the norm of all values, and clipFactor() brings it down", () => {
  const norm = globalNorm([Float32Array.of(1, 2, 0, 0, 2), Float32Array.of(4)]);
  expect(norm).toBe(5);
  expect(clipFactor(norm, 10)).toBe(1);
  expect(clipFactor(norm, 1)).toBe(0.2);
});

test("rateAt() rises, then stays or falls along half a cosine", () => {
  const cosine = { kind: "cosine", rate: 2, warmup: 4, floor: 0.1 } as const;
  expect([0, 1, 3].map((step) => rateAt(cosine, step, 104))).toEqual([0.5, 1, 2]);
  expect(rateAt(cosine, 4, 104)).toBe(2);
  expect(rateAt(cosine, 54, 104)).toBeCloseTo(1.1, 10);
  expect(rateAt(cosine, 104, 104)).toBeCloseTo(0.2, 10);
  expect(rateAt({ kind: "constant", rate: 3 }, 1000, 10)).toBe(3);
});
