import { describe, expect, test } from "vitest";
import { chooseLook, plainLook, richLook } from "./look.ts";

describe("chooseLook()", () => {
  test("is rich on a terminal alone", () => {
    expect(chooseLook({}, true)).toBe(richLook);
    expect(chooseLook({}, false)).toBe(plainLook);
  });
  test("is plain where colours are not wanted or not there", () => {
    expect(chooseLook({ NO_COLOR: "1", FORCE_COLOR: "1" }, true)).toBe(plainLook);
    expect(chooseLook({ TERM: "dumb" }, true)).toBe(plainLook);
    expect(chooseLook({ FORCE_COLOR: "0" }, true)).toBe(plainLook);
  });
  test("is rich in a pipe if told so", () => expect(chooseLook({ FORCE_COLOR: "1" }, false)).toBe(richLook));
});

test("shades grow with the share, and a NaN has none", () => {
  const shares = [0, 0.05, 0.25, 0.5, 0.75, 1];
  expect(shares.map(plainLook.shade)).toEqual(["  ", "..", "::", "++", "##", "##"]);
  expect(plainLook.shade(NaN)).toBe("  ");
});
