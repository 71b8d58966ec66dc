// Valid files with something changed: whatever it is, the answer is a typed error or a valid result, soon, and of a size
// that the file allows.

import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type ModelFileSet,
  openModel,
  type OpenModel,
  packModel,
  parseConfig,
  readSafetensors,
  readWeights,
  writeWeights,
} from "../src/index.ts";
import { caught, computedMs, rejected } from "./caught.ts";

const prototypes = [Object.prototype, Array.prototype, Function.prototype, String.prototype, Map.prototype];
const namesOfPrototypes = (): string[] => prototypes.flatMap((prototype) => Object.getOwnPropertyNames(prototype));
const namesBefore = namesOfPrototypes();

const weights = new Map([
  ["embedding", { values: Float32Array.from({ length: 60 }, (_, i) => Math.sin(i)), shape: [12, 5] }],
  ["w", { values: Float32Array.from({ length: 12 }, (_, i) => i), shape: [3, 4] }],
  ["bias", { values: Float32Array.of(1, -1, 0.5), shape: [3] }],
  ["empty", { values: new Float32Array(0), shape: [0, 2] }],
]);
const storageOf = (name: string): "f32" | "f16" | "int8" =>
  name === "embedding" ? "int8" : name === "w" ? "f16" : "f32";
const metadata = new Map([["by", "a test"]]);
const valid = writeWeights(weights, { storage: storageOf, metadata });
const headerEnd = 8 + Number(new DataView(valid.buffer).getBigUint64(0, true));

/** What a reading came to: `count`, which is 0 after a typed error, and whether everything was in order. */
function outcomeOf(count: () => number): { readonly count: number; readonly isInOrder: boolean } {
  const start = computedMs();
  let counted = 0;
  const error = caught(() => {
    counted = count();
  });
  const isSoon = computedMs() - start < 1000;
  const isClear = error === undefined || /^Cannot [^\p{C}]+$/u.test(error.message);
  return { count: counted, isInOrder: isSoon && isClear };
}

/** Whether a reading is in order and counts at most `most`. */
function holds(count: () => number, most: number): boolean {
  const outcome = outcomeOf(count);
  return outcome.isInOrder && outcome.count <= most;
}

function expandedBytes(bytes: Uint8Array): number {
  let total = 0;
  for (const { values, shape } of readWeights(bytes).values()) {
    expect(values.length).toBe(shape.reduce((a, b) => a * b, 1));
    total += values.byteLength;
  }
  return total;
}

/** One byte set, a run of bytes removed, doubled or inserted. */
const byteMutation = fc.tuple(
  fc.constantFrom("set", "remove", "double", "insert"),
  fc.nat(valid.length - 1),
  fc.integer({ min: 1, max: 16 }),
  fc.uint8Array({ minLength: 1, maxLength: 8 }),
);

function mutate(
  source: Uint8Array,
  [how, at, length, other]: readonly [string, number, number, Uint8Array],
): Uint8Array {
  const head = [...source.subarray(0, at)];
  const run = [...source.subarray(at, at + length)];
  const tail = [...source.subarray(at + length)];
  const middle = {
    set: [...other, ...run.slice(other.length)],
    remove: [],
    double: [...run, ...run],
    insert: [...other, ...run],
  };
  return Uint8Array.from([...head, ...middle[how as keyof typeof middle], ...tail]);
}

test("readWeights() of a file with some bytes changed", () => {
  fc.assert(
    fc.property(fc.array(byteMutation, { minLength: 1, maxLength: 3 }), (mutations) => {
      const bytes = mutations.reduce(mutate, valid);
      expect(holds(() => expandedBytes(bytes), 4 * bytes.length)).toBe(true);
    }),
    { numRuns: 20_000 },
  );
});

test("readWeights() of a file cut short anywhere, or in bits: only the whole is read", () => {
  const read: number[] = [];
  for (let end = 0; end <= valid.length; end += 1) {
    if (outcomeOf(() => expandedBytes(valid.subarray(0, end))).count > 0) read.push(end);
  }
  expect(read).toEqual([valid.length]);
});

test("readWeights() of a file with one field of its header changed", () => {
  const oddNumber = fc.oneof(
    fc.constantFrom(
      "-1",
      "-0",
      "1.5",
      "1e3",
      "1e999",
      "9007199254740993",
      "18446744073709551616",
      "null",
      '"1"',
      "[]",
      "00",
    ),
    fc.nat({ max: 600 }).map(String),
    fc.maxSafeNat().map(String),
  );
  const oddText = fc.oneof(
    fc.constantFrom(
      "F32",
      "F16",
      "I8",
      "F4",
      "__proto__",
      "__metadata__",
      "constructor",
      "w",
      "embedding.scale",
      "\\ud800",
      "\\u0000",
    ),
    fc.string({ maxLength: 5 }).map((text) => JSON.stringify(text).slice(1, -1)),
  );
  const header = new TextDecoder().decode(valid.subarray(8, headerEnd));
  const numbers = [...header.matchAll(/\d+(?=[,\]])/g)];
  const texts = [...header.matchAll(/"([^"]+)"/g)];
  const change = fc.oneof(
    fc.tuple(fc.constantFrom(...numbers.map(({ index, 0: found }) => [index, found.length] as const)), oddNumber),
    fc.tuple(fc.constantFrom(...texts.map(({ index, 1: found = "" }) => [index + 1, found.length] as const)), oddText),
  );
  fc.assert(
    fc.property(change, ([[at, length], replacement]) => {
      const text = new TextEncoder().encode(header.slice(0, at) + replacement + header.slice(at + length));
      const bytes = new Uint8Array(8 + text.length + valid.length - headerEnd);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
      bytes.set(text, 8);
      bytes.set(valid.subarray(headerEnd), 8 + text.length);
      expect(holds(() => expandedBytes(bytes), 4 * bytes.length)).toBe(true);
    }),
    { numRuns: 20_000 },
  );
});

test("readSafetensors() of any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(300), (rest, length) => {
      const bytes = new Uint8Array(8 + rest.length);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
      bytes.set(rest, 8);
      expect(holds(() => readSafetensors(bytes).tensors.size, rest.length)).toBe(true);
      expect(holds(() => readSafetensors(rest).tensors.size, 0)).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

test("parseConfig() of any bytes, and of a configuration with some changed", () => {
  const text = JSON.stringify({ formatVersion: 1, name: "toy", labels: ["a", "b"], encoder: { layers: 2, rate: 0.5 } });
  const config = new TextEncoder().encode(text);
  fc.assert(
    fc.property(
      fc.array(byteMutation, { minLength: 1, maxLength: 3 }),
      fc.uint8Array({ maxLength: 60 }),
      (changes, any) => {
        const within = changes.map(([how, at, length, other]) => [how, at % config.length, length, other] as const);
        expect(holds(() => Object.keys(parseConfig(within.reduce(mutate, config))).length, config.length + 50)).toBe(
          true,
        );
        expect(holds(() => Object.keys(parseConfig(any)).length, any.length)).toBe(true);
      },
    ),
    { numRuns: 10_000 },
  );
  expect(namesOfPrototypes()).toEqual(namesBefore);
});

test("openModel() of a model with a byte changed in any one file: nothing wrong is ever handed out", async () => {
  const files = await packModel({ config: { name: "toy" }, weights, files: { "words.txt": "one\ntwo\n" } });
  const change = fc.tuple(fc.constantFrom(...Object.keys(files)), fc.nat(), fc.integer({ min: 1, max: 255 }));

  /** The paths of the files that came out as they are, with typed errors passed over. */
  const readable = async (source: ModelFileSet): Promise<string[]> => {
    const found: string[] = [];
    let model: OpenModel | undefined;
    await rejected(openModel(source).then((opened) => (model = opened)));
    for (const { path } of model?.files ?? []) {
      let bytes: Uint8Array | undefined;
      const error = await rejected(model!.bytes(path).then((all) => (bytes = all)));
      if (error === undefined) found.push(String(bytes) === String(files[path]) ? path : `wrong ${path}`);
    }
    return found;
  };

  await fc.assert(
    fc.asyncProperty(change, async ([path, at, bits]) => {
      const spoilt = files[path]!.slice();
      spoilt[at % spoilt.length]! ^= bits;
      const found = await readable({ ...files, [path]: spoilt });
      expect(found.filter((each) => each.startsWith("wrong") || each === path)).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});
