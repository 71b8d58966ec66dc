// The cases are numbered as in the list of malformed configurations (CF-), of which those that concern the text are here;
// whether a shape or a count makes sense is the model's to say.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { caught, computedMs } from "../test/caught.ts";
import { longestConfigBytes, parseConfig } from "./config.ts";
import type { ModelFileError, ModelFileErrorCode } from "./errors.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const withMember = (member: string): string => `{"formatVersion":1,"name":"toy",${member}}`;

const read = (bytes: Uint8Array): ModelFileError | undefined =>
  caught(() => parseConfig(bytes, { file: "config.json of toy" }));

type Case = readonly [name: string, text: string, code: ModelFileErrorCode, message: string];

const cases: readonly Case[] = [
  ["no bytes", "", "config-invalid", "the end of the text"],
  ["CF-02 __proto__", withMember('"a":{"__proto__":{"polluted":1}}'), "config-invalid", 'it is "__proto__"'],
  ["CF-02 __proto__ in escapes", withMember('"\\u005f_proto__":1'), "config-invalid", 'it is "__proto__"'],
  [
    "CF-02 constructor.prototype",
    withMember('"constructor":{"prototype":{"polluted":1}}'),
    "config-invalid",
    '"constructor"',
  ],
  [
    "CF-03 arrays 65 deep",
    withMember(`"a":${"[".repeat(64)}1${"]".repeat(64)}`),
    "config-invalid",
    "at most 64 levels deep",
  ],
  [
    "CF-03 arrays 10,000 deep",
    withMember(`"a":${"[".repeat(10_000)}${"]".repeat(10_000)}`),
    "config-invalid",
    "levels deep",
  ],
  ["CF-03 arrays 1,000,000 deep", withMember(`"a":${"[".repeat(1_000_000)}`), "config-invalid", "levels deep"],
  ["CF-03 objects 100,000 deep", withMember(`"a":${'{"a":'.repeat(100_000)}`), "config-invalid", "levels deep"],
  [
    "CF-04 a key twice",
    withMember('"name":"other"'),
    "config-invalid",
    'no key of an object may occur twice, it is "name"',
  ],
  ["CF-04 a key twice, deep", withMember('"a":[{"b":1,"\\u0062":2}]'), "config-invalid", 'twice, it is "b"'],
  ["CF-05 1e999", withMember('"hidden_size":1e999'), "config-invalid", 'must have a finite number here, it is "1e999"'],
  [
    "CF-05 number of 100 digits",
    withMember(`"hidden_size":${"1".repeat(100)}`),
    "config-invalid",
    "at most 64 characters",
  ],
  ["CF-10 NaN", withMember('"dropout":NaN'), "config-invalid", 'a finite number here, it is "NaN'],
  ["CF-10 Infinity", withMember('"dropout":Infinity'), "config-invalid", "a finite number here"],
  ["CF-10 .5", withMember('"dropout":.5'), "config-invalid", 'it is ".5"'],
  ["CF-10 +1", withMember('"dropout":+1'), "config-invalid", 'it is "+1"'],
  ["CF-10 0x10", withMember('"dropout":0x10'), "config-invalid", "must have"],
  ["CF-10 undefined", withMember('"dropout":undefined'), "config-invalid", "must have"],
  ["CF-11 byte order mark", "\ufeff{}", "config-invalid", "without a byte order mark, it is one"],
  ["CF-11 trailing comma", withMember('"a":1,'), "config-invalid", 'must have """ here'],
  ["CF-11 trailing comma in an array", withMember('"a":[1,]'), "config-invalid", "a finite number here"],
  ["CF-11 comment", withMember('"a":1 // one\n'), "config-invalid", 'must have "}" here'],
  ["CF-11 single quotes", "{'formatVersion':1}", "config-invalid", 'must have """ here'],
  ["CF-11 key without quotes", "{formatVersion:1}", "config-invalid", 'must have """ here'],
  ["CF-11 two values", '{"formatVersion":1,"name":"a"} {}', "config-invalid", "nothing must follow"],
  ["CF-11 True", withMember('"a":True'), "config-invalid", "must have"],
  ["CF-11 tru", withMember('"a":tru'), "config-invalid", "must have a value here"],
  ["CF-11 cut short", '{"formatVersion":1,"name":"a"', "config-invalid", "the end of the text"],
  ["CF-11 escape cut short", '{"\\', "config-invalid", "must end"],
  [
    "CF-14 newer version",
    '{"formatVersion":2,"name":"a","odd":{"new":1}}',
    "format-too-new",
    "reads format version 1, the file has 2; a newer @saccade/model-files reads it",
  ],
  ["CF-14 version 0", '{"formatVersion":0}', "config-invalid", 'must be an integer >= 1, it is "0"'],
  ["CF-14 version 1.5", '{"formatVersion":1.5}', "config-invalid", "1.5"],
  ["CF-14 version as text", '{"formatVersion":"1"}', "config-invalid", "must be an integer"],
  ["CF-14 no version", '{"name":"a"}', "config-invalid", "it is missing"],
  ["no name", '{"formatVersion":1}', "config-invalid", '"name" must be a text of 1 to 200 characters, it is missing'],
  ["empty name", '{"formatVersion":1,"name":""}', "config-invalid", '"name" must be a text'],
  ["an array", "[]", "config-invalid", 'must be an object, it is "[]"'],
  ["null", "null", "config-invalid", 'must be an object, it is "null"'],
  ["a text", '"a"', "config-invalid", "must be an object"],
  ["HTML page", "<!doctype html>", "foreign-format", "it must be JSON, it is an HTML page"],
  ["LFS pointer", "version https://git-lfs.github.com/spec/v1\n", "foreign-format", "a Git LFS pointer"],
  ["lone surrogate", withMember('"a":"\\udc00"'), "config-invalid", "lone surrogates"],
  ["NUL behind", `${withMember('"a":1')}\0`, "config-invalid", "nothing must follow"],
  ["escape codes of a terminal", withMember('"a":\u001b[31m'), "config-invalid", "\\u001b[31m"],
];

describe("parseConfig() refuses", () => {
  test.each(cases)("%s", (_name, text, code, message) => {
    const start = computedMs();
    const error = read(encode(text));
    expect(error).toMatchObject({ code, file: "config.json of toy" });
    expect(error?.message).toMatch(/^Cannot read config\.json of toy: [^\p{C}]{10,300}[^.]$/u);
    expect(error?.message).toContain(message);
    expect(computedMs() - start).toBeLessThan(500);
  });

  test("bytes that are not UTF-8", () => {
    expect(read(Uint8Array.of(0x7b, 0x22, 0xff, 0x22))?.message).toContain("must be UTF-8");
  });

  test("CF-12 200 MB, without looking at them", () => {
    const start = computedMs();
    expect(read(new Uint8Array(200_000_000))?.message).toContain(
      `at most ${longestConfigBytes} bytes, it is 200000000`,
    );
    expect(computedMs() - start).toBeLessThan(100);
  });
});

describe("parseConfig() reads", () => {
  test("CF-07 names of the prototype as the values that they are", () => {
    const { architectures } = parseConfig(encode(withMember('"architectures":["constructor","__proto__","toString"]')));
    expect(architectures).toEqual(["constructor", "__proto__", "toString"]);
  });

  test("64 levels", () => {
    expect(parseConfig(encode(withMember(`"a":${"[".repeat(63)}${"]".repeat(63)}`)))).toBeTypeOf("object");
  });

  test("whatever JSON.parse reads, as the same", () => {
    const json = fc.jsonValue({ maxDepth: 6 }).map((value) => JSON.stringify({ formatVersion: 1, name: "a", value }));
    fc.assert(
      fc.property(json, fc.nat(2), (text, indent) => {
        fc.pre(!/"(__proto__|constructor|prototype)":/.test(text));
        const spaced = JSON.stringify(JSON.parse(text), null, indent);
        expect(parseConfig(encode(spaced))).toEqual(JSON.parse(text));
      }),
      { numRuns: 1000 },
    );
  });

  test("nothing that JSON.parse refuses", () => {
    const pieces = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"',
      "\\",
      "a",
      "0",
      "1",
      "-",
      ".",
      "e",
      "true",
      "null",
      " ",
      "\n",
      "\\u0041",
    );
    const text = fc.oneof(
      fc.array(pieces, { maxLength: 12 }).map((parts) => withMember(`"a":${parts.join("")}`)),
      fc.tuple(fc.json(), fc.nat(), pieces).map(([json, at, piece]) => {
        const cut = at % (json.length + 1);
        return withMember(`"a":${json.slice(0, cut)}${piece}${json.slice(cut)}`);
      }),
    );
    fc.assert(
      fc.property(text, (source) => {
        let isJson = true;
        try {
          JSON.parse(source);
        } catch {
          isJson = false;
        }
        const isRead = read(encode(source)) === undefined;
        expect(isRead && !isJson).toBe(false);
      }),
      { numRuns: 5000 },
    );
  });
});
