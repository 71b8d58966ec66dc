import { expect, test } from "vitest";
import { smallEncoder } from "../../test/models.ts";
import { checkDecoderConfig } from "../decoder/decoder-config.ts";
import { checkEncoderConfig, type EncoderConfig } from "./encoder-config.ts";
import { describeEncoderWeights } from "./encoder-weights.ts";

const check = (change: Record<string, unknown>): void =>
  checkEncoderConfig({ ...smallEncoder, ...change } as EncoderConfig);

test.each([
  {},
  { layers: 1000, kvHeads: 1, headWidth: 256, gated: true, biases: false, scale: 1, softcap: 30 },
  { rotary: { base: 500000, width: 2, interleaved: true }, positionBias: { kind: "relative", reach: 0 } },
  { positionBias: { kind: "relative2d", reach: [3, 3], columns: 7 }, normalizer: "relu" },
  { positions: { kind: "sinusoidalGrid", columns: 7 }, softcap: 0 },
])("checkEncoderConfig() accepts %j", (change) => {
  expect(() => check(change)).not.toThrow();
});

test.each([
  ["width", 0],
  ["layers", -1],
  ["width", -1],
  ["width", 1.5],
  ["width", 1e9],
  ["width", Number("1e999")],
  ["width", Number.NaN],
  ["heads", 0],
  ["heads", 3],
  ["kvHeads", 4],
  ["kvHeads", 0],
  ["headWidth", 257],
  ["layers", 1_000_000],
  ["feedForwardWidth", 0],
  ["epsilon", 0],
  ["epsilon", -1e-5],
  ["scale", 0],
  ["softcap", -1],
  ["activation", "constructor"],
  ["norm", "__proto__"],
  ["placement", "toString"],
  ["normalizer", "sparsemax"],
])("checkEncoderConfig() throws a RangeError that names %s for %j", (field, value) => {
  expect(() => check({ [field]: value })).toThrow(RangeError);
  expect(() => check({ [field]: value })).toThrow(field);
});

test.each([
  ["width", "768"],
  ["heads", null],
  ["layers", undefined],
  ["epsilon", "NaN"],
  ["activation", 3],
  ["gated", "yes"],
  ["biases", 0],
  ["rotary", true],
  ["positionBias", []],
  ["positions", "none"],
])("checkEncoderConfig() throws a TypeError that names %s for %j", (field, value) => {
  expect(() => check({ [field]: value })).toThrow(TypeError);
  expect(() => check({ [field]: value })).toThrow(field);
});

test("checkEncoderConfig() looks into positions", () => {
  expect(() => check({ kvHeads: 3, heads: 4 })).toThrow("kvHeads must divide heads, it is 3 and heads is 4");
  expect(() => check({ rotary: { width: 3 } })).toThrow("rotary.width must be even");
  expect(() => check({ rotary: { width: 6 } })).toThrow("rotary.width must be an integer from 2 to 4");
  expect(() => check({ rotary: { base: 0 } })).toThrow("rotary.base");
  expect(() => check({ width: 6, heads: 2 })).not.toThrow();
  expect(() => check({ width: 6, heads: 2, rotary: {} })).toThrow("rotary.width must be even");
  expect(() => check({ positionBias: { kind: "t5" } })).toThrow("positionBias.kind");
  expect(() => check({ positionBias: { kind: "relative", reach: -1 } })).toThrow("positionBias.reach");
  expect(() => check({ positionBias: { kind: "relative2d", reach: [1, 2.5], columns: 2 } })).toThrow(RangeError);
  expect(() => check({ positionBias: { kind: "relative2d", reach: 1, columns: 2 } })).toThrow(TypeError);
  expect(() => check({ positions: { kind: "learned", count: 0 } })).toThrow("positions.count");
  expect(() => check({ positions: { kind: "sinusoidal", base: -1 } })).toThrow("positions.base");
  expect(() => check({ width: 7, heads: 1, positions: { kind: "sinusoidal" } })).toThrow(
    "multiple of 2 for sinusoidal",
  );
  expect(() => check({ width: 6, heads: 1, positions: { kind: "sinusoidalGrid", columns: 2 } })).toThrow(
    "multiple of 4",
  );
});

test("checkDecoderConfig() looks at the memory's width as well", () => {
  expect(() => checkDecoderConfig({ ...smallEncoder, memoryWidth: 12 })).not.toThrow();
  expect(() => checkDecoderConfig({ ...smallEncoder, memoryWidth: 0 })).toThrow("memoryWidth");
});

test("describeEncoderWeights() refuses a configuration before it lists a million layers", () => {
  expect(() => describeEncoderWeights({ ...smallEncoder, layers: 1_000_000 })).toThrow(RangeError);
});
