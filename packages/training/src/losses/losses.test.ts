import { offsetsOf } from "@saccade/attention-core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { drawValues } from "../../test/models.ts";
import { derivative } from "../../test/numeric-gradient.ts";
import { crossEntropy, ctc, distillation, type Loss, squaredError } from "../index.ts";

/** The largest difference between the gradient of `loss` at `values` and differences of it. */
async function largestError(values: Float32Array, loss: (values: Float32Array) => Loss): Promise<number> {
  const { gradient } = loss(values);
  let largest = gradient.length === values.length ? 0 : Infinity;
  for (let at = 0; at < values.length; at += 1) {
    const expected = await derivative(values, at, async () => loss(values).loss);
    largest = Math.max(largest, Math.abs(gradient[at]! - expected));
  }
  return largest;
}

const scores = drawValues(1, 12).map((value) => 3 * value);

function softmaxOf(values: Float32Array, columns: number): Float32Array {
  return values.map((value, i) => {
    const row = values.subarray(i - (i % columns), i - (i % columns) + columns);
    return Math.exp(value) / row.reduce((sum, each) => sum + Math.exp(each), 0);
  });
}

describe("crossEntropy()", () => {
  test("is the mean of -ln softmax at the labels, and counts those that there are", () => {
    const { loss, count } = crossEntropy(Float32Array.of(0, Math.log(3), 5, 5, 1, 2), Int32Array.of(1, 0, -1));
    expect(loss).toBeCloseTo((-Math.log(0.75) - Math.log(0.5)) / 2, 7);
    expect(count).toBe(2);
  });

  test.each([{}, { smoothing: 0.1 }, { weights: Float32Array.of(1, 0, 2, 0.5) }])(
    "has the derivatives of %j",
    async (options) => {
      expect(
        await largestError(scores, (values) => crossEntropy(values, Int32Array.of(0, 2, -1, 1), options)),
      ).toBeLessThan(1e-6);
    },
  );

  test("smoothed by s is cross-entropy against (1 - s) · label + s / L", () => {
    const soft = Float32Array.of(0.9, 0.05, 0.05, 0.05, 0.05, 0.9, 0.05, 0.9, 0.05, 0.9, 0.05, 0.05);
    const expected = -soft.reduce((sum, target, i) => sum + target * Math.log(softmaxOf(scores, 3)[i]!), 0) / 4;
    expect(crossEntropy(scores, Int32Array.of(0, 2, 1, 0), { smoothing: 0.15 }).loss).toBeCloseTo(expected, 6);
  });

  test("is 0 with gradient 0 where no row has a label, or there is none", () => {
    expect(crossEntropy(scores, new Int32Array(4).fill(-1))).toEqual({
      loss: 0,
      gradient: new Float32Array(12),
      count: 0,
    });
    expect(crossEntropy(new Float32Array(), new Int32Array())).toEqual({
      loss: 0,
      gradient: new Float32Array(),
      count: 0,
    });
  });

  test("holds scores of any size", () => {
    const { loss, gradient } = crossEntropy(Float32Array.of(3e38, -3e38), Int32Array.of(1));
    expect(loss).toBeCloseTo(6.8e38 - 0.8e38, -37);
    expect([...gradient]).toEqual([1, -1]);
  });

  test("refuses labels, weights and smoothing that do not fit", () => {
    expect(() => crossEntropy(scores, Int32Array.of(0, 3, 0, 0))).toThrow("from -1 to 2, label 1 is 3");
    expect(() => crossEntropy(scores, new Int32Array(5))).toThrow("[P, L] with P = 5, there are 12");
    expect(() => crossEntropy(scores, new Int32Array(4), { smoothing: 1 })).toThrow("smoothing");
    expect(() => crossEntropy(scores, new Int32Array(4), { weights: Float32Array.of(1) })).toThrow("4 weights");
    expect(() => crossEntropy(scores, new Int32Array(4), { weights: Float32Array.of(1, 1, -1, 1) })).toThrow(
      ">= 0, one is -1",
    );
  });
});

describe("distillation()", () => {
  const teacher = softmaxOf(drawValues(2, 12), 3);

  test("is 0 for a student that agrees, and KL divergence otherwise", () => {
    expect(
      distillation(
        teacher.map((p) => Math.log(p)),
        teacher,
        4,
      ).loss,
    ).toBeCloseTo(0, 6);
    const { loss } = distillation(Float32Array.of(0, 0), Float32Array.of(0.25, 0.75), 1);
    expect(loss).toBeCloseTo(0.25 * Math.log(0.5) + 0.75 * Math.log(1.5), 7);
  });

  test.each([{}, { temperature: 2.5 }, { weights: Float32Array.of(0, 1, 3, 1), temperature: 0.5 }])(
    "has the derivatives of %j",
    async (options) => {
      expect(await largestError(scores, (values) => distillation(values, teacher, 4, options))).toBeLessThan(1e-6);
    },
  );

  test("takes probabilities of 0", async () => {
    const hard = Float32Array.of(0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1);
    expect(distillation(scores, hard, 4).loss).toBeCloseTo(crossEntropy(scores, Int32Array.of(1, 0, 2, 2)).loss, 6);
  });
});

describe("squaredError()", () => {
  const targets = drawValues(3, 12);
  targets[4] = Number.NaN;

  test.each([{}, { weights: Float32Array.of(1, 2, 0, 0.5) }])("has the derivatives of %j", async (options) => {
    expect(await largestError(scores, (values) => squaredError(values, targets, options))).toBeLessThan(1e-6);
  });

  test("is the mean over targets that are numbers", () => {
    const { loss, count, gradient } = squaredError(Float32Array.of(1, 2, 5), Float32Array.of(0, Number.NaN, 7));
    expect({ loss, count, gradient: [...gradient] }).toEqual({ loss: 2.5, count: 2, gradient: [1, 0, -2] });
  });
});

describe("ctc()", () => {
  /** -ln of the probability of all paths of T frames that come to `labels`, every path looked at. */
  function bruteForce(values: Float32Array, L: number, labels: readonly number[], blank: number): number {
    const T = values.length / L;
    const probabilities = softmaxOf(values, L);
    let total = 0;
    for (let path = 0; path < L ** T; path += 1) {
      let [rest, probability, last] = [path, 1, -1];
      const read: number[] = [];
      for (let t = 0; t < T; t += 1) {
        const k = rest % L;
        rest = Math.floor(rest / L);
        probability *= probabilities[t * L + k]!;
        if (k !== blank && k !== last) read.push(k);
        last = k;
      }
      if (read.join() === labels.join()) total += probability;
    }
    return -Math.log(total);
  }

  test("is the sum over all paths, every one looked at", () => {
    const arbitrary = fc.record({
      T: fc.integer({ min: 0, max: 5 }),
      blank: fc.integer({ min: 0, max: 2 }),
      draws: fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 4 }),
      seed: fc.integer({ min: 0, max: 1000 }),
    });
    fc.assert(
      fc.property(arbitrary, ({ T, blank, draws, seed }) => {
        const labels = draws.map((draw) => (blank + 1 + draw) % 3);
        const values = drawValues(seed, 3 * T).map((value) => 4 * value);
        const found = ctc(
          values,
          offsetsOf([T]),
          { values: Int32Array.from(labels), offsets: offsetsOf([labels.length]) },
          { blank },
        );
        const expected = bruteForce(values, 3, labels, blank);
        const skipped = expected === Infinity;
        expect(found.loss).toBeCloseTo(skipped ? 0 : expected, 5);
        expect([found.count, found.skipped]).toEqual(skipped ? [0, 1] : [1, 0]);
        expect(!skipped || found.gradient.every((value) => value === 0)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  const frames = offsetsOf([4, 0, 5, 2]);
  const labels = { values: Int32Array.of(1, 1, 2, 2, 1, 2), offsets: offsetsOf([2, 0, 1, 3]) };

  test("has the derivatives of a ragged batch, a set that is too short left out", async () => {
    const values = drawValues(5, 11 * 3).map((value) => 2 * value);
    const { count, skipped, gradient } = ctc(values, frames, labels);
    expect({ count, skipped }).toEqual({ count: 3, skipped: 1 });
    expect(gradient.subarray(27)).toEqual(new Float32Array(6));
    expect(await largestError(values, (each) => ctc(each, frames, labels))).toBeLessThan(1e-6);
  });

  test("does not underflow over a thousand frames", () => {
    const long = ctc(drawValues(6, 3000), offsetsOf([1000]), {
      values: new Int32Array(300).fill(1),
      offsets: offsetsOf([300]),
    });
    expect(long.loss).toBeGreaterThan(100);
    expect(long.gradient.every((value) => Number.isFinite(value))).toBe(true);
  });

  test("refuses labels that are the blank or none, and offsets that do not fit", () => {
    const values = new Float32Array(6);
    expect(() => ctc(values, offsetsOf([2]), { values: Int32Array.of(0), offsets: offsetsOf([1]) })).toThrow(
      "not the blank 0, label 0 is 0",
    );
    expect(() => ctc(values, offsetsOf([2]), { values: Int32Array.of(3), offsets: offsetsOf([1]) })).toThrow(
      "label 0 is 3",
    );
    expect(() => ctc(values, offsetsOf([2]), { values: Int32Array.of(1), offsets: offsetsOf([1, 0]) })).toThrow(
      "labels for 1 sets",
    );
  });
});
