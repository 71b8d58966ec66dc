import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonLine } from "./json-line.ts";

test("jsonLine() says what JSON.stringify says, without a character that a terminal obeys", () => {
  const steering = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: "binary" }), fc.string({ unit: "binary" })), (value) => {
      const line = jsonLine(value);
      expect(line).not.toMatch(steering);
      expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
  expect(jsonLine({ "\u009b": "a\u202eb\u001b" })).toBe(String.raw`{"\u009b":"a\u202eb\u001b"}`);
});
