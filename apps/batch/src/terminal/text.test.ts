import { describe, expect, test } from "vitest";
import { cutTo, padEnd, padStart, printable, widthOf, wrap } from "./text.ts";

describe("printable()", () => {
  test("writes out what could steer a terminal", () => {
    expect(printable("a\u001b[2Jb\r\n\u0007")).toBe("a\\u{1b}[2Jb\\u{d}\\u{a}\\u{7}");
    expect(printable("\u009b31m")).toBe("\\u{9b}31m");
  });

  test("writes out marks of direction, separators of lines and lone surrogates", () => {
    expect(printable("\u202eabc\u2066")).toBe("\\u{202e}abc\\u{2066}");
    expect(printable("a\u2028b\ud800")).toBe("a\\u{2028}b\\u{d800}");
  });

  test("leaves letters, marks and emoji alone", () => {
    const text = "naïve 你好 👩‍🚀 e\u0301";
    expect(printable(text)).toBe(text);
  });
});

describe("widthOf()", () => {
  test("counts what is seen", () => {
    expect(widthOf("saw")).toBe(3);
    expect(widthOf("你好")).toBe(4);
    expect(widthOf("👩‍🚀!")).toBe(3);
    expect(widthOf("e\u0301")).toBe(1);
    expect(widthOf("\u001b[36m██\u001b[39m")).toBe(2);
  });
});

describe("cutTo()", () => {
  test("keeps what fits", () => expect(cutTo("horse", 5, "~")).toBe("horse"));
  test("cuts between characters, and marks it", () => {
    expect(cutTo("horses", 5, "~")).toBe("hors~");
    expect(cutTo("你好世界", 4, "~")).toBe("你~");
  });
});

test("padStart() and padEnd() fill up to the columns that are seen", () => {
  expect(padStart("你", 4)).toBe("  你");
  expect(padEnd("你", 4)).toBe("你  ");
  expect(padEnd("longer", 3)).toBe("longer");
});

test("wrap() breaks at spaces, and nowhere else", () => {
  expect(wrap("one two three", 7)).toEqual(["one two", "three"]);
  expect(wrap("a incomprehensibilities b", 5)).toEqual(["a", "incomprehensibilities", "b"]);
  expect(wrap("", 5)).toEqual([""]);
});
