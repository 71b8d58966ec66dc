import { expect, test } from "vitest";
import { smallEncoder } from "../test/models.ts";
import { dispose } from "./disposal.ts";
import { describeEncoderWeights, layoutEncoder } from "./encoder/encoder-weights.ts";
import { ModelMismatchError, OutOfMemoryError } from "./errors.ts";
import { createReferenceBackend } from "./reference/index.ts";
import { checkWeights, type HostTensor, initialWeights, uploadWeights, type Weights } from "./weights.ts";

const specs = describeEncoderWeights({ ...smallEncoder, layers: 1 });
const weights = initialWeights(specs, 1);
const query = "encoder.layers.0.attention.query.weight";
const up = "encoder.layers.0.feedForward.up.weight";

function changed(name: string, tensor: HostTensor | null): Weights {
  const copy = new Map(weights);
  if (tensor) copy.set(name, tensor);
  else copy.delete(name);
  return copy;
}

test("describeEncoderWeights() names each tensor once", () => {
  const names = specs.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => name.includes("attention."))).toEqual([
    "encoder.layers.0.attention.query.weight",
    "encoder.layers.0.attention.query.bias",
    "encoder.layers.0.attention.key.weight",
    "encoder.layers.0.attention.key.bias",
    "encoder.layers.0.attention.value.weight",
    "encoder.layers.0.attention.value.bias",
    "encoder.layers.0.attention.output.weight",
    "encoder.layers.0.attention.output.bias",
  ]);
});

test("checkWeights() accepts the weights of its own specifications", () => {
  expect(() => checkWeights(specs, weights, { finite: true })).not.toThrow();
});

test("checkWeights() names a missing tensor", () => {
  expect(() => checkWeights(specs, changed(query, null))).toThrow(
    new ModelMismatchError(`Cannot use weights: tensor "${query}" must have shape [8, 8], it is missing`),
  );
});

test("checkWeights() says of a transposed tensor that it is one", () => {
  const transposed = { shape: [16, 8], values: new Float32Array(128) };
  expect(() => checkWeights(specs, changed(up, transposed))).toThrow(
    `tensor "${up}" must have shape [8, 16], it has [16, 8], the transpose`,
  );
});

test("checkWeights() names another shape, another axis count, and too few values", () => {
  const shaped = (shape: number[], size: number): HostTensor => ({ shape, values: new Float32Array(size) });
  expect(() => checkWeights(specs, changed(up, shaped([8, 15], 120)))).toThrow("it has [8, 15]");
  expect(() => checkWeights(specs, changed(up, shaped([128], 128)))).toThrow("it has [128]");
  expect(() => checkWeights(specs, changed(up, shaped([8, 16], 127)))).toThrow("that is 128 values, it has 127");
});

test("checkWeights() refuses a tensor that is not of the model, whatever its name", () => {
  const extra = { shape: [1], values: Float32Array.of(1) };
  expect(() => checkWeights(specs, changed("__proto__", extra))).toThrow('"__proto__" [1] is not');
  expect(() => checkWeights(specs, changed("encoder.layers.1.attention.query.bias", extra))).toThrow(
    ModelMismatchError,
  );
});

test("checkWeights() finds a value that is not finite, if asked", () => {
  const values = new Float32Array(64);
  values[5] = Number.NaN;
  const broken = changed(query, { shape: [8, 8], values });
  expect(() => checkWeights(specs, broken)).not.toThrow();
  expect(() => checkWeights(specs, broken, { finite: true })).toThrow(
    `tensor "${query}" must be finite, value 5 is NaN`,
  );
});

test("initialWeights() are the same for a seed, other ones for another", () => {
  const values = (seed: number): number[] => [...(initialWeights(specs, seed).get(query)?.values ?? [])];
  expect(values(1)).toEqual(values(1));
  expect(values(1)).not.toEqual(values(2));
});

test("initialWeights() of a tensor do not depend on what else is drawn", () => {
  const deeper = initialWeights(describeEncoderWeights({ ...smallEncoder, layers: 3 }), 1);
  expect(deeper.get(query)).toEqual(weights.get(query));
});

test("initialWeights() keep matrices within Glorot's bounds, gains at 1, biases at 0", () => {
  const bound = Math.sqrt(6 / (8 + 16));
  const values = weights.get(up)?.values ?? new Float32Array();
  expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(Math.fround(bound));
  expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(0.8 * bound);
  expect(new Set(weights.get("encoder.finalNorm.gain")?.values)).toEqual(new Set([1]));
  expect(new Set(weights.get("encoder.finalNorm.bias")?.values)).toEqual(new Set([0]));
});

test("uploadWeights() gives each tensor to the layout, and frees all on dispose", () => {
  const backend = createReferenceBackend();
  const uploaded = uploadWeights(backend, weights);
  expect(backend.liveTensors).toBe(specs.length);
  const tree = layoutEncoder({ ...smallEncoder, layers: 1 }, uploaded.find);
  expect(tree.layers[0]?.feedForward.up.weight.shape).toEqual([8, 16]);
  uploaded[dispose]();
  expect(backend.liveTensors).toBe(0);
  expect(() => layoutEncoder({ ...smallEncoder, layers: 1 }, uploaded.find)).toThrow(ModelMismatchError);
});

test("uploadWeights() leaves nothing behind when the device is full", () => {
  const backend = createReferenceBackend();
  let uploads = 0;
  const full = new Proxy(backend, {
    get(target, property) {
      if (property !== "upload") return Reflect.get(target, property, target) as unknown;
      return (values: Float32Array, shape: readonly number[]) => {
        uploads += 1;
        if (uploads > 3) throw new OutOfMemoryError("Cannot upload values: the device is full", 4, 0);
        return target.upload(values, shape);
      };
    },
  });
  expect(() => uploadWeights(full, weights)).toThrow(OutOfMemoryError);
  expect(backend.liveTensors).toBe(0);
});
