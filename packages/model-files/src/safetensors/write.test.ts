import { expect, test } from "vitest";
import { readSafetensors, type StoredTensor } from "./read.ts";
import { writeSafetensors } from "./write.ts";

const byte: StoredTensor = { dtype: "U8", shape: [1], bytes: Uint8Array.of(7) };

test("writeSafetensors() aligns every tensor to its elements, widest first, after a header of eights", () => {
  const wide: StoredTensor = { dtype: "I64", shape: [1], bytes: new Uint8Array(8) };
  const half: StoredTensor = { dtype: "F16", shape: [3], bytes: new Uint8Array(6) };
  const file = writeSafetensors([
    ["b", byte],
    ["half", half],
    ["a", byte],
    ["wide", wide],
  ]);
  const { tensors } = readSafetensors(file);
  expect([...tensors.keys()]).toEqual(["wide", "half", "a", "b"]);
  for (const [, { bytes, dtype }] of tensors) {
    expect(bytes.byteOffset % { I64: 8, F16: 2, U8: 1 }[dtype as "U8"]).toBe(0);
  }
});

test("writeSafetensors() writes metadata, and nothing at all", () => {
  const metadata = new Map([["__proto__", 'a "quoted" text\n']]);
  expect(readSafetensors(writeSafetensors([], metadata))).toEqual({ metadata, tensors: new Map() });
  expect(writeSafetensors([])).toHaveLength(16);
});

test("writeSafetensors() refuses what it could not read again", () => {
  expect(() =>
    writeSafetensors([
      ["a", byte],
      ["a", byte],
    ]),
  ).toThrow('tensor "a": the name must occur once');
  expect(() => writeSafetensors([["a", { ...byte, dtype: "U9" as "U8" }]])).toThrow("one of the format, it is U9");
  expect(() => writeSafetensors([["a", { ...byte, shape: Array(65).fill(1) }]])).toThrow("at most 64 integers");
  expect(() => writeSafetensors([["a", { ...byte, shape: [-1] }]])).toThrow("it is [-1]");
  expect(() => writeSafetensors([["a", { ...byte, dtype: "F4" }]])).toThrow("must have 0.5 bytes, it has 1");
  expect(() => writeSafetensors([], new Map([["a", "b".repeat(25_000_000)]]))).toThrow(
    "at most 25000000 bytes, it has 250000",
  );
  const many = Array.from({ length: 16_385 }, (_, i) => [String(i), byte] as const);
  expect(() => writeSafetensors(many)).toThrow("at most 16384 tensors and pairs of metadata, it has 16385 and 0");
});
