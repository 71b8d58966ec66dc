// The cases are numbered as in the list of malformed safetensors files that this reader withstands (ST-).

import { describe, expect, test } from "vitest";
import { caught, computedMs } from "../../test/caught.ts";
import { entry, fileOf } from "../../test/safetensors-file.ts";
import type { ModelFileError, ModelFileErrorCode } from "../errors.ts";
import { longestHeaderBytes, readSafetensors } from "./read.ts";

const encoder = new TextEncoder();
const one = entry("a", "F32", "[2]", 0, 8);

const read = (bytes: Uint8Array): ModelFileError | undefined =>
  caught(() => readSafetensors(bytes, { file: "model.safetensors" }));

type Case = readonly [name: string, bytes: Uint8Array, code: ModelFileErrorCode, message: string];

const tooLarge = "the header must have at most 25000000 bytes, it is";

const cases: readonly Case[] = [
  ["ST-01 no bytes", new Uint8Array(0), "truncated", "at least 8 bytes, it is 0 bytes long"],
  ["ST-01 one byte", new Uint8Array(1), "truncated", "it is 1 bytes long"],
  ["ST-01 seven bytes", new Uint8Array(7), "truncated", "it is 7 bytes long"],
  ["ST-02 header of length 0", new Uint8Array(8), "header-invalid", "at least 2 bytes, it is 0 bytes long"],
  ["ST-02 header of length 1", fileOf("{"), "header-invalid", "it is 1 bytes long"],
  ["ST-03 length above the limit", fileOf("{}", 0, 25_000_001n), "header-too-large", `${tooLarge} 25000001 bytes long`],
  ["ST-03 length 100,000,001", fileOf("{}", 0, 100_000_001n), "header-too-large", `${tooLarge} 100000001`],
  ["ST-04 length 2^53 + 1", fileOf("{}", 0, 2n ** 53n + 1n), "header-too-large", `${tooLarge} 9007199254740993`],
  ["ST-04 length 2^64 - 1", fileOf("{}", 0, 2n ** 64n - 1n), "header-too-large", `${tooLarge} 18446744073709551615`],
  ["ST-04 length 2^32 + 2", fileOf("{}", 0, 2n ** 32n + 2n), "header-too-large", `${tooLarge} 4294967298`],
  [
    "ST-05 length one beyond the file",
    fileOf("{}", 0, 3n),
    "truncated",
    "must have 11 bytes or more for its header, it is 10",
  ],
  ["ST-06 0xFF in the header", fileOf(Uint8Array.of(0x7b, 0xff, 0x7d)), "header-invalid", "must be UTF-8"],
  ["ST-06 overlong encoding", fileOf(Uint8Array.of(0x7b, 0xc0, 0xaf, 0x7d)), "header-invalid", "must be UTF-8"],
  ["ST-06 encoded surrogate", fileOf(Uint8Array.of(0x7b, 0xed, 0xa0, 0x80, 0x7d)), "header-invalid", "must be UTF-8"],
  [
    "ST-06 escaped lone surrogate",
    fileOf(`{${entry("a", "F32", "[0]", 0, 0).replace("a", "\\ud800")}}`),
    "header-invalid",
    "lone surrogates",
  ],
  ["ST-08 header is an array", fileOf("[]"), "header-invalid", "must begin with {, it is byte 91 at 8"],
  ["ST-08 header is a text", fileOf('"a"'), "header-invalid", "must begin with {, it is byte 34 at 8"],
  ["ST-08 header is null", fileOf("null"), "header-invalid", "must begin with {"],
  ["ST-08 header is white space", fileOf("    "), "header-invalid", "must begin with {"],
  ["ST-08 byte order mark", fileOf("\ufeff{}"), "header-invalid", "must begin with {, it is byte 239 at 8"],
  ["ST-09 NUL after the header", fileOf("{}\0\0"), "header-invalid", "nothing must follow the JSON value"],
  [
    "ST-09 second object",
    fileOf("{}{}"),
    "header-invalid",
    'nothing must follow the JSON value, it is "{} at character 2"',
  ],
  ["ST-10 one name twice", fileOf(`{${one},${one}}`, 8), "duplicate-name", 'no tensor may occur twice, it is "a"'],
  [
    "ST-10 one name twice, escaped",
    fileOf(`{${one},${entry("b", "F32", "[2]", 8, 16).replace("b", "\\u0061")}}`, 16),
    "duplicate-name",
    'it is "a"',
  ],
  [
    "ST-10 dtype twice",
    fileOf(`{${one.replace('"shape"', '"dtype":"F32","shape"')}}`, 8),
    "header-invalid",
    "once each",
  ],
  ["ST-10 metadata twice", fileOf('{"__metadata__":{},"__metadata__":{}}'), "duplicate-name", "__metadata__ once"],
  ["ST-10 key of metadata twice", fileOf('{"__metadata__":{"a":"","a":""}}'), "duplicate-name", "twice"],
  [
    "ST-12 number in metadata",
    fileOf('{"__metadata__":{"a":1}}'),
    "header-invalid",
    'value "a" of __metadata__ must be a string',
  ],
  ["ST-12 null as metadata", fileOf('{"__metadata__":null}'), "header-invalid", 'must have "{" here, it is "null}'],
  ["ST-12 object in metadata", fileOf('{"__metadata__":{"a":{}}}'), "header-invalid", "must be a string"],
  [
    "ST-14 ten tensors on one range",
    fileOf(`{${Array.from({ length: 10 }, (_, i) => entry(`t${i}`, "F32", "[2]", 0, 8)).join()}}`, 8),
    "offsets-invalid",
    'overlap: "t1" must begin at 8, it begins at 0',
  ],
  [
    "ST-14 overlap of one byte",
    fileOf(`{${one},${entry("b", "U8", "[4]", 7, 11)}}`, 11),
    "offsets-invalid",
    '"b" must begin at 8, it begins at 7',
  ],
  [
    "ST-15 hole",
    fileOf(`{${one},${entry("b", "U8", "[1]", 9, 10)}}`, 10),
    "offsets-invalid",
    'hole: "b" must begin at 8, it begins at 9',
  ],
  [
    "ST-15 first offset not 0",
    fileOf(`{${entry("a", "U8", "[1]", 1, 2)}}`, 2),
    "offsets-invalid",
    '"a" must begin at 0, it begins at 1',
  ],
  [
    "ST-15 empty tensor in another",
    fileOf(`{${one},${entry("b", "U8", "[0]", 4, 4)}}`, 8),
    "offsets-invalid",
    '"b" must begin at 8, it begins at 4',
  ],
  ["ST-17 data one byte short", fileOf(`{${one}}`, 7), "truncated", "the data must have 8 bytes, it has 7"],
  [
    "ST-17 bytes after the data",
    fileOf(`{${one}}`, 9),
    "offsets-invalid",
    "must fill the data, 9 bytes, they end at 8",
  ],
  ["ST-17 data without tensors", fileOf("{}", 1), "offsets-invalid", "must fill the data, 1 bytes, they end at 0"],
  [
    "ST-17 end before begin",
    fileOf(`{${entry("a", "U8", "[1]", 2, 1)}}`, 2),
    "offsets-invalid",
    "must begin before it ends, it is at 2 to 1",
  ],
  [
    "ST-18 shape larger than the range",
    fileOf(`{${entry("a", "F32", "[3]", 0, 8)}}`, 8),
    "shape-invalid",
    'tensor "a" F32 [3] must have 12 bytes, it has 8',
  ],
  [
    "ST-18 range larger than the shape",
    fileOf(`{${entry("a", "F32", "[]", 0, 8)}}`, 8),
    "shape-invalid",
    "F32 [] must have 4 bytes, it has 8",
  ],
  [
    "ST-19 product that wraps to 4",
    fileOf(`{${entry("a", "U8", "[4194305,4194305,211106198978564]", 0, 4)}}`, 4),
    "shape-invalid",
    "fewer than 2^47 elements",
  ],
  [
    "ST-19 product above 2^53 and a zero",
    fileOf(`{${entry("a", "U8", "[4294967296,4294967296,0]", 0, 0)}}`),
    "shape-invalid",
    "fewer than 2^47 elements",
  ],
  [
    "ST-20 dimension 2^53 + 1",
    fileOf(`{${entry("a", "U8", "[9007199254740993]", 0, 4)}}`, 4),
    "shape-invalid",
    '0 to 2^53 - 1, it is "9007199254740993"',
  ],
  ["ST-20 dimension -1", fileOf(`{${entry("a", "U8", "[-1]", 0, 4)}}`, 4), "shape-invalid", 'it is "-1"'],
  ["ST-20 dimension -0", fileOf(`{${entry("a", "U8", "[-0]", 0, 0)}}`), "shape-invalid", 'it is "-0"'],
  ["ST-20 dimension 1.5", fileOf(`{${entry("a", "U8", "[1.5]", 0, 4)}}`, 4), "shape-invalid", 'it is "1.5"'],
  ["ST-20 dimension 4.0", fileOf(`{${entry("a", "U8", "[4.0]", 0, 4)}}`, 4), "shape-invalid", 'it is "4.0"'],
  ["ST-20 dimension 04", fileOf(`{${entry("a", "U8", "[04]", 0, 4)}}`, 4), "shape-invalid", 'it is "04"'],
  ["ST-20 dimension 1e999", fileOf(`{${entry("a", "U8", "[1e999]", 0, 4)}}`, 4), "shape-invalid", 'it is "1e999"'],
  [
    "ST-20 dimension in quotation marks",
    fileOf(`{${entry("a", "U8", '["4"]', 0, 4)}}`, 4),
    "shape-invalid",
    "must be integers",
  ],
  [
    "ST-20 shape of a million ones",
    fileOf(`{${entry("a", "U8", `[${"1,".repeat(1_000_000)}1]`, 0, 1)}}`, 1),
    "shape-invalid",
    "at most 64 numbers",
  ],
  [
    "ST-20 offset 2^53 + 1",
    fileOf(`{${entry("a", "U8", "[1]", 0, "9007199254740993")}}`, 1),
    "offsets-invalid",
    "0 to 2^53 - 1",
  ],
  ["ST-20 three offsets", fileOf(`{${entry("a", "U8", "[1]", 0, "1,2")}}`, 1), "offsets-invalid", "at most 2 numbers"],
  [
    "ST-20 one offset",
    fileOf('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}}', 1),
    "header-invalid",
    "two data_offsets",
  ],
  ["ST-20 no offsets", fileOf('{"a":{"dtype":"U8","shape":[1]}}', 1), "header-invalid", "two data_offsets"],
  [
    "ST-23 unknown dtype",
    fileOf(`{${entry("a", "F31", "[2]", 0, 8)}}`, 8),
    "dtype-unknown",
    'dtype of tensor "a" must be one of the format, it is "F31"',
  ],
  [
    "ST-23 dtype of the prototype",
    fileOf(`{${entry("a", "constructor", "[2]", 0, 8)}}`, 8),
    "dtype-unknown",
    "constructor",
  ],
  ["ST-23 lower-case dtype", fileOf(`{${entry("a", "f32", "[2]", 0, 8)}}`, 8), "dtype-unknown", "f32"],
  [
    "ST-23 half a byte",
    fileOf(`{${entry("a", "F4", "[3]", 0, 2)}}`, 2),
    "shape-invalid",
    "must fill whole bytes, it has 12 bits",
  ],
  [
    "ST-23 three quarters of a byte",
    fileOf(`{${entry("a", "F6_E2M3", "[1]", 0, 1)}}`, 1),
    "shape-invalid",
    "must fill whole bytes, it has 6 bits",
  ],
  ["ST-26 HTML page", encoder.encode("<!DOCTYPE html><title>404</title>"), "foreign-format", "it is an HTML page"],
  ["ST-26 HTML page after a line break", encoder.encode("\r\n<HTML lang=en>"), "foreign-format", "it is an HTML page"],
  ["ST-26 short HTML page", encoder.encode("<html>"), "foreign-format", "it is an HTML page"],
  ["ST-26 error of a store", encoder.encode('<?xml version="1.0"?><Error>'), "foreign-format", "an XML document"],
  ["ST-26 error of an API", encoder.encode('{"error":"Not found"}'), "foreign-format", "JSON text"],
  [
    "ST-26 LFS pointer",
    encoder.encode("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"),
    "foreign-format",
    "a Git LFS pointer",
  ],
  ["ST-26 gzip", Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3), "foreign-format", "gzip data"],
  [
    "ST-26 pickle",
    Uint8Array.of(0x80, 2, 0x63, 0x5f, 0x5f, 0x6d, 0x61, 0x69, 0x6e),
    "foreign-format",
    "a Python pickle",
  ],
  [
    "ST-26 zip",
    encoder.encode("PK\x03\x04archive/data.pkl"),
    "foreign-format",
    "a zip archive, which may be a PyTorch checkpoint",
  ],
  ["ST-26 GGUF", encoder.encode("GGUF\x03\0\0\0\0\0\0\0"), "foreign-format", "a GGUF file"],
  ["ST-26 HDF5", Uint8Array.of(0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10), "foreign-format", "an HDF5 file"],
  ["ST-26 NumPy", Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0), "foreign-format", "a NumPy array"],
  ["entry that is no object", fileOf('{"a":1}'), "header-invalid", 'must have "{" here'],
  ["entry with a fourth key", fileOf(`{${one.replace("}", ',"stride":[1]}')}}`, 8), "header-invalid", 'it is "stride"'],
  ["trailing comma", fileOf(`{${one},}`, 8), "header-invalid", 'must have """ here'],
  ["comment", fileOf(`{/**/${one}}`, 8), "header-invalid", 'must have """ here'],
  ["control character in a name", fileOf(`{"a\n":{}}`), "header-invalid", "no control characters"],
  ["escape that JSON does not have", fileOf(`{"\\x41":{}}`), "header-invalid", "only the escapes of JSON"],
  ["name without an end", fileOf('{"aaaa'), "header-invalid", "must end, it is"],
  ["objects a million deep", fileOf('{"a":'.repeat(1_000_000)), "header-invalid", "nothing else"],
  [
    "number of a million digits",
    fileOf(`{${entry("a", "U8", `[${"1".repeat(1_000_000)}]`, 0, 1)}}`),
    "header-invalid",
    "1111",
  ],
];

describe("readSafetensors() refuses", () => {
  test.each(cases)("%s", (_name, bytes, code, message) => {
    const before = Object.getOwnPropertyNames(Object.prototype).length;
    const start = computedMs();
    const error = read(bytes);
    expect(error?.message).toMatch(/^Cannot read model\.safetensors: [^\p{C}]{10,300}[^.]$/u);
    expect(error).toMatchObject({ code, file: "model.safetensors" });
    expect(error?.message).toContain(message);
    expect(computedMs() - start).toBeLessThan(500);
    expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(before);
  });

  test("a header of 25 MB of brackets without taking its memory", () => {
    const text = `{${entry("a", "U8", "[", 0, 1).replace("[", `${"[".repeat(longestHeaderBytes - 100)}`)}}`;
    expect(read(fileOf(text))?.code).toBe("shape-invalid");
  });
});

describe("readSafetensors() limits memory", () => {
  const emptyTensors = (count: number): Uint8Array => {
    const entries = Array.from({ length: count }, (_, i) => entry(i.toString(36), "U8", "[0]", 0, 0));
    return fileOf(`{${entries.join()}}`);
  };

  test("to 16,384 tensors", () => {
    expect(readSafetensors(emptyTensors(16_384)).tensors.size).toBe(16_384);
    expect(read(emptyTensors(16_385))?.message).toContain("a file must have at most 16384 tensors");
  });

  test("to 16,384 pairs of metadata", () => {
    const pairs = Array.from({ length: 16_385 }, (_, i) => `"${i}":""`);
    expect(read(fileOf(`{"__metadata__":{${pairs.join()}}}`))?.message).toContain("at most 16384 pairs");
  });
});

describe("readSafetensors() reads", () => {
  test("ST-08 white space in front, ST-09 behind", () => {
    for (const header of [
      `  \n\t{${one}}`,
      `{${one}}   \r\n`,
      `{ ${one.replaceAll(":", " : ").replaceAll(",", "\t, ")} }`,
    ]) {
      const { tensors } = readSafetensors(fileOf(header, 8));
      expect(tensors.get("a")).toEqual({ dtype: "F32", shape: [2], bytes: new Uint8Array(8) });
    }
  });

  test("a file without tensors", () => {
    expect(readSafetensors(fileOf("{}")).tensors.size).toBe(0);
  });

  test("scalars and empty tensors, at either end and between", () => {
    const header = [
      entry("scalar", "F32", "[]", 0, 4),
      entry("before", "F32", "[0,3]", 0, 0),
      entry("after", "F32", "[3,0]", 4, 4),
      entry("last", "U8", "[2]", 4, 6),
      entry("end", "I64", "[0]", 6, 6),
    ];
    const { tensors } = readSafetensors(fileOf(`{${header.join()}}`, Uint8Array.of(1, 2, 3, 4, 5, 6)));
    expect([...tensors.keys()]).toEqual(["scalar", "before", "after", "last", "end"]);
    expect(tensors.get("scalar")).toEqual({ dtype: "F32", shape: [], bytes: Uint8Array.of(1, 2, 3, 4) });
    expect(tensors.get("after")).toEqual({ dtype: "F32", shape: [3, 0], bytes: new Uint8Array(0) });
    expect(tensors.get("last")!.bytes).toEqual(Uint8Array.of(5, 6));
  });

  test("names that objects have, and names in other scripts", () => {
    const names = ["__proto__", "constructor", "hasOwnProperty", "toString", "", "重み", "𝄞", '"\\\n'];
    const entries = names.map((name, i) => entry(name, "U8", "[1]", i, i + 1));
    const { tensors } = readSafetensors(fileOf(`{${entries.join()}}`, names.length));
    expect([...tensors.keys()]).toEqual(names);
  });

  test("metadata", () => {
    const { metadata } = readSafetensors(fileOf('{"__metadata__":{"format":"pt","__proto__":"text"}}'));
    expect([...metadata]).toEqual([
      ["format", "pt"],
      ["__proto__", "text"],
    ]);
  });

  test("every dtype of the format", () => {
    const sizes = { BOOL: 8, F4: 4, F6_E2M3: 6, F6_E3M2: 6, U8: 8, I8: 8, F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8, I16: 16 };
    const more = { U16: 16, F16: 16, BF16: 16, I32: 32, U32: 32, F32: 32, C64: 64, F64: 64, I64: 64, U64: 64 };
    for (const [dtype, bits] of Object.entries({ ...sizes, ...more })) {
      const { tensors } = readSafetensors(fileOf(`{${entry("a", dtype, "[4]", 0, bits / 2)}}`, bits / 2));
      expect(tensors.get("a")!.dtype).toBe(dtype);
    }
  });

  test("a view into a larger buffer, and gives views of it", () => {
    const file = fileOf(`{${one}}`, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    const larger = new Uint8Array(file.length + 13);
    larger.set(file, 5);
    const { bytes } = readSafetensors(larger.subarray(5, 5 + file.length)).tensors.get("a")!;
    expect(bytes).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    expect(bytes.buffer).toBe(larger.buffer);
  });
});
