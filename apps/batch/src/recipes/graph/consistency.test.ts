import { expect, test } from "vitest";
import { consistency } from "./consistency.ts";

const wave = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => 2 * Math.sin(1.7 * i + 0.3));

test("consistency() is zero for views that agree and are certain, and falls as they come together", () => {
  const certain = Float32Array.from([80, 0, 0, 0, 80, 0, 80, 0, 0, 0, 80, 0]);
  expect(consistency(certain, 2, 3, 0.5).loss).toBeLessThan(1e-12);
  const apart = consistency(Float32Array.from([2, 0, 0, 2]), 2, 2, 0.5);
  const near = consistency(Float32Array.from([2, 0, 2, 0.5]), 2, 2, 0.5);
  expect(near.loss).toBeLessThan(apart.loss);
  expect(apart.count).toBe(2);
  expect(consistency(new Float32Array(0), 2, 3, 0.5)).toMatchObject({ loss: 0, count: 0 });
});

test("consistency() has the gradient of its loss with the targets held", () => {
  const [copies, labels, temperature] = [3, 4, 0.5];
  const scores = wave(copies * labels * 2);
  const { gradient } = consistency(scores, copies, labels, temperature);
  const softmax = (values: Float64Array): Float64Array => {
    const out = new Float64Array(values.length);
    for (let from = 0; from < values.length; from += labels) {
      const row = values.slice(from, from + labels).map((value) => Math.exp(value));
      const sum = row.reduce((all, each) => all + each, 0);
      row.forEach((each, l) => (out[from + l] = each / sum));
    }
    return out;
  };
  const rows = scores.length / labels;
  const nodes = rows / copies;
  const p = softmax(Float64Array.from(scores));
  const targets = Array.from({ length: nodes }, (_, node) => {
    const sums = Array.from({ length: labels }, (__, l) => {
      let sum = 0;
      for (let row = node; row < rows; row += nodes) sum += p[row * labels + l]! / copies;
      return sum ** (1 / temperature);
    });
    const all = sums.reduce((sum, each) => sum + each, 0);
    return sums.map((each) => each / all);
  });
  const lossOf = (values: Float64Array): number =>
    softmax(values).reduce((sum, each, i) => {
      const row = Math.floor(i / labels);
      return sum + (each - targets[row % nodes]![i % labels]!) ** 2 / rows;
    }, 0);
  for (let i = 0; i < scores.length; i += 1) {
    const [more, less] = [Float64Array.from(scores), Float64Array.from(scores)];
    more[i]! += 1e-4;
    less[i]! -= 1e-4;
    expect(gradient[i]).toBeCloseTo((lossOf(more) - lossOf(less)) / 2e-4, 6);
  }
});

test("consistency() refuses scores that are not whole views, and a temperature of 0", () => {
  expect(() => consistency(new Float32Array(7), 2, 3, 0.5)).toThrow("scores must be [2 · P, 3], there are 7");
  expect(() => consistency(new Float32Array(6), 2, 3, 0)).toThrow("temperature must be > 0, it is 0");
});
