import { describe, expect, test } from "vitest";
import { describePattern, readHeads, readPattern, readPositions } from "./arguments.ts";
import { UsageError } from "./errors.ts";

describe("readPattern()", () => {
  test("reads each kind", () => {
    expect(readPattern("full")).toEqual({ kind: "full" });
    expect(readPattern("causal")).toEqual({ kind: "causal" });
    expect(readPattern("window:2,0")).toEqual({ kind: "window", left: 2, right: 0 });
    expect(readPattern("window:-1,3")).toEqual({ kind: "window", left: -1, right: 3 });
  });

  test.each([
    "",
    "windw:1,1",
    "window",
    "window:1",
    "window:1,-2",
    "window:1,1.5",
    "window:1,1,1",
    "window:9999999999,1",
  ])("refuses %j", (text) => expect(() => readPattern(text)).toThrow(UsageError));

  test("says the rule and what it got, without its control characters", () => {
    expect(() => readPattern("\u001b[2J")).toThrow(
      'Cannot read --pattern: it must be full, causal or window:LEFT,RIGHT with numbers of words from 0, or -1 for no bound; it is "\\u{1b}[2J"',
    );
  });
});

test("readHeads() takes 1 to 16", () => {
  expect([readHeads("1"), readHeads("16")]).toEqual([1, 16]);
  for (const text of ["0", "17", "-1", "1.5", "four", "", "1e1"]) expect(() => readHeads(text)).toThrow(UsageError);
  expect(() => readHeads("0")).toThrow('Cannot read --heads: it must be an integer from 1 to 16, it is "0"');
});

test("readPositions() takes one of three", () => {
  expect(readPositions("rotary")).toBe("rotary");
  expect(() => readPositions("constructor")).toThrow(
    'Cannot read --positions: it must be one of none, sinusoidal, rotary; it is "constructor"',
  );
});

test("describePattern() says a window in words", () => {
  expect(describePattern({ kind: "causal" })).toBe("causal");
  expect(describePattern({ kind: "window", left: -1, right: 2 })).toBe("window, all left and 2 right");
});
