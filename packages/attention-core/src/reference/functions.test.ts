import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { erf, erfc, exp, log, sigmoid, tanh } from "./functions.ts";

const relative = (actual: number, expected: number): number =>
  actual === expected || Object.is(actual, expected) ? 0 : Math.abs(actual - expected) / Math.abs(expected);

describe("functions", () => {
  it("exp(), tanh() and log() agree with the engine's to a few units in the last place", () => {
    fc.assert(
      fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => {
        expect(relative(exp(x), Math.exp(x))).toBeLessThan(2e-15);
        expect(relative(tanh(x), Math.tanh(x))).toBeLessThan(2e-15);
        expect(relative(log(Math.abs(x)), Math.log(Math.abs(x)))).toBeLessThan(2e-15);
      }),
      { numRuns: 5000 },
    );
    for (const x of [1e-300, 1e-20, 1e-8, 0.499, 0.5, 0.501, 1 - 1e-9, 1 + 1e-9, 22, 22.1]) {
      expect(relative(tanh(x), Math.tanh(x))).toBeLessThan(2e-15);
      expect(relative(log(x), Math.log(x))).toBeLessThan(2e-15);
    }
  });

  it("keep the limits", () => {
    expect([exp(0), exp(-Infinity), exp(Infinity), exp(NaN), exp(-745)]).toEqual([1, 0, Infinity, NaN, 5e-324]);
    expect([log(0), log(1), log(Infinity), log(-1), log(NaN)]).toEqual([-Infinity, 0, Infinity, NaN, NaN]);
    expect(log(5e-324)).toBe(Math.log(5e-324));
    expect([tanh(0), tanh(Infinity), tanh(-Infinity), tanh(NaN)]).toEqual([0, 1, -1, NaN]);
    expect([sigmoid(0), sigmoid(Infinity), sigmoid(-Infinity), sigmoid(NaN)]).toEqual([0.5, 1, 0, NaN]);
    expect([erf(0), erf(Infinity), erf(-Infinity), erf(NaN)]).toEqual([0, 1, -1, NaN]);
    expect([erfc(0), erfc(Infinity), erfc(-Infinity), erfc(NaN)]).toEqual([1, 0, 2, NaN]);
  });

  it("erf() and erfc() agree with the C library to 1e-12, the tail too", () => {
    // z, erf z, erfc z as Python's math module gives them.
    const known = [
      [1e-10, 1.1283791670955126e-10, 0.999999999887162],
      [0.1, 0.1124629160182849, 0.8875370839817152],
      [0.5, 0.5204998778130465, 0.4795001221869535],
      [1, 0.8427007929497149, 0.15729920705028513],
      [1.5, 0.9661051464753108, 0.033894853524689274],
      [1.99, 0.995111413199617, 0.004888586800383003],
      [2, 0.9953222650189527, 0.004677734981047265],
      [2.01, 0.9955248493552482, 0.004475150644751763],
      [3, 0.9999779095030014, 2.2090496998585438e-5],
      [5, 0.9999999999984626, 1.5374597944280351e-12],
      [10, 1, 2.088487583762545e-45],
      [26, 1, 5.663192408856143e-296],
    ] as const;
    for (const [z, expected, complement] of known) {
      expect(relative(erf(z), expected)).toBeLessThan(1e-12);
      expect(relative(erf(-z), -expected)).toBeLessThan(1e-12);
      expect(relative(erfc(z), complement)).toBeLessThan(1e-12);
      expect(relative(erfc(-z), 1 + expected)).toBeLessThan(1e-12);
    }
  });
});
