import fc from "fast-check";
import { expect, test } from "vitest";
import { readSafetensors } from "../safetensors/read.ts";
import { readWeights, type Weights, type WeightTensor } from "./read-weights.ts";
import { type Storage, writeWeights } from "./write-weights.ts";

const names = fc
  .oneof(
    fc.string({ unit: "grapheme", maxLength: 12 }),
    fc.constantFrom("__proto__", "constructor", "hasOwnProperty", "a.scale", "a", "1", "0", "\u0000", "𝄞"),
  )
  .filter((name) => name !== "__metadata__");

function tensors(values: fc.Arbitrary<number>): fc.Arbitrary<WeightTensor> {
  return fc.array(fc.nat({ max: 6 }), { maxLength: 4 }).chain((shape) => {
    const length = shape.reduce((a, b) => a * b, 1);
    return fc
      .array(values, { minLength: length, maxLength: length })
      .map((list) => ({ values: Float32Array.from(list), shape }));
  });
}

function weightsOf(values: fc.Arbitrary<number>): fc.Arbitrary<Weights> {
  return fc.array(fc.tuple(names, tensors(values)), { maxLength: 6 }).map((pairs) => new Map(pairs));
}

function bitsOf(values: Float32Array): number[] {
  return [...new Uint32Array(values.buffer, values.byteOffset, values.length)];
}

test("readWeights() gives back names, shapes and bits that writeWeights() stored as f32", () => {
  fc.assert(
    fc.property(weightsOf(fc.float()), (weights) => {
      const read = readWeights(writeWeights(weights));
      expect([...read.keys()].sort()).toEqual([...weights.keys()].sort());
      for (const [name, { values, shape }] of weights) {
        expect(read.get(name)!.shape).toEqual(shape);
        expect(bitsOf(read.get(name)!.values)).toEqual(bitsOf(values));
      }
    }),
    { numRuns: 1000 },
  );
});

test("writeWeights() gives the same bytes for the same weights in any order", () => {
  fc.assert(
    fc.property(weightsOf(fc.float()), (weights) => {
      expect(writeWeights(new Map([...weights].reverse()))).toEqual(writeWeights(weights));
    }),
  );
});

test("readWeights() is within half a unit in the last place of what was stored as f16, and again gives the same", () => {
  fc.assert(
    fc.property(weightsOf(fc.float({ noNaN: true, min: -65_504, max: 65_504 })), (weights) => {
      const bytes = writeWeights(weights, { storage: "f16" });
      const read = readWeights(bytes);
      for (const [name, { values }] of weights) {
        const found = read.get(name)!.values;
        for (const [i, value] of values.entries()) {
          expect(Math.abs(found[i]! - value)).toBeLessThanOrEqual(Math.max(2 ** -25, Math.abs(value) * 2 ** -11));
        }
      }
      expect(writeWeights(read, { storage: "f16" })).toEqual(bytes);
    }),
    { numRuns: 1000 },
  );
});

test("readWeights() is within half a scale of what was stored as int8, for all finite values", () => {
  const hasClash = (weights: Weights): boolean => [...weights.keys()].some((name) => weights.has(`${name}.scale`));
  const some = weightsOf(fc.float({ noNaN: true, noDefaultInfinity: true })).filter((weights) => !hasClash(weights));
  fc.assert(
    fc.property(some, (weights) => {
      const bytes = writeWeights(weights, { storage: "int8" });
      const read = readWeights(bytes);
      const { tensors: stored } = readSafetensors(bytes);
      expect(read.size).toBe(weights.size);
      for (const [name, { values, shape }] of weights) {
        const found = read.get(name)!.values;
        const scale = stored.get(`${name}.scale`);
        expect(scale === undefined).toBe(shape.length < 2); // a bias stays as it is
        const scales = new Float32Array(scale?.bytes.slice().buffer ?? [0]);
        const axis = scale?.shape.findIndex((length) => length !== 1) ?? -1;
        const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
        for (const [i, value] of values.entries()) {
          const step = scales[axis < 0 ? 0 : Math.floor(i / inner) % shape[axis]!]!;
          // The product of integer and scale is itself rounded to float32.
          expect(Math.abs(found[i]! - value)).toBeLessThanOrEqual(step * (0.5 + 1e-5));
        }
      }
    }),
    { numRuns: 1000 },
  );
});

test("writeWeights() stores each tensor as it is told to", () => {
  const tensor = { values: Float32Array.of(1, -2, 3, 4, 5, 6), shape: [2, 3] };
  const weights = new Map([
    ["whole", tensor],
    ["half", tensor],
    ["eighth", tensor],
  ]);
  const storages: Record<string, Storage> = { whole: "f32", half: "f16", eighth: "int8" };
  const { tensors: stored } = readSafetensors(writeWeights(weights, { storage: (name) => storages[name]! }));
  expect(stored.get("whole")!.dtype).toBe("F32");
  expect(stored.get("half")!.dtype).toBe("F16");
  expect(stored.get("eighth")!.dtype).toBe("I8");
  expect(stored.size).toBe(4);
});

test("writeWeights() refuses what a storage cannot hold", () => {
  const one = (value: number, shape: number[] = [1, 1]): Weights =>
    new Map([["w", { values: Float32Array.of(value), shape }]]);
  expect(() => writeWeights(one(70_000), { storage: "f16" })).toThrow(
    'Cannot write weights: tensor "w": f16 must have values to 65504, value 0 is 70000',
  );
  expect(() => writeWeights(one(Number.NaN), { storage: "int8" })).toThrow(
    "int8 must have finite values, value 0 is NaN",
  );
  expect(() => writeWeights(one(1, [2]))).toThrow("F32 [2] must have 8 bytes, it has 4");
  expect(() => writeWeights(one(1, [1.5]))).toThrow("integers >= 0, it is [1.5]");
  expect(() => writeWeights(new Map([["__metadata__", { values: new Float32Array(1), shape: [1] }]]))).toThrow(
    RangeError,
  );
  expect(() => writeWeights(new Map([["\ud800", { values: new Float32Array(1), shape: [1] }]]))).toThrow(
    "lone surrogates",
  );
  expect(() => writeWeights(one(1), { storage: "int4" as "int8" })).toThrow("it is int4");
  const clash = new Map([...one(1), ["w.scale", { values: new Float32Array(1), shape: [1] }]]);
  expect(() => writeWeights(clash, { storage: "int8" })).toThrow("w.scale is a weight");
});
