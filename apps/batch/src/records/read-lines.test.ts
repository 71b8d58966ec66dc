import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Line, readLines } from "./read-lines.ts";

async function linesOf(chunks: readonly (Uint8Array | string)[], mostBytes = 1000): Promise<Line[]> {
  const source = async function* (): AsyncGenerator<Uint8Array | string> {
    yield* chunks;
  };
  const lines: Line[] = [];
  for await (const line of readLines(source(), mostBytes)) lines.push(line);
  return lines;
}

/** `bytes` cut at `places`. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return ends.map((end, n) => bytes.subarray(n === 0 ? 0 : ends[n - 1], end));
}

describe("readLines()", () => {
  test("gives the lines of a text however its bytes come in chunks", async () => {
    const texts = fc.array(fc.string({ unit: "grapheme" }).map((text) => text.replaceAll(/[\r\n\uFEFF]/g, " ")));
    await fc.assert(
      fc.asyncProperty(texts, fc.array(fc.nat()), fc.boolean(), async (lines, places, isWindows) => {
        const end = isWindows ? "\r\n" : "\n";
        const bytes = Buffer.from(lines.map((line) => line + end).join(""));
        expect(await linesOf(cut(bytes, places))).toEqual(lines.map((text, n) => ({ line: n + 1, text })));
      }),
    );
  });

  test("never takes more lines from any bytes than they have, and numbers each", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), fc.array(fc.nat()), async (bytes, places) => {
        const found = await linesOf(cut(bytes, places), 20);
        const ends = bytes.filter((byte) => byte === 10).length;
        expect(found.length).toBe(bytes.length > 0 && bytes.at(-1) !== 10 ? ends + 1 : ends);
        expect(found.map(({ line }) => line)).toEqual(found.map((_, n) => n + 1));
      }),
    );
  });

  test("takes texts for chunks, a last line without an end, and a mark of byte order once", async () => {
    expect(await linesOf(["\uFEFFa\n\uFEFFb", "c"])).toEqual([
      { line: 1, text: "a" },
      { line: 2, text: "\uFEFFbc" },
    ]);
    expect(await linesOf([])).toEqual([]);
    expect(await linesOf(["\n"])).toEqual([{ line: 1, text: "" }]);
  });

  test("says which line is too long or no UTF-8, and reads on", async () => {
    const bytes = Buffer.concat([Buffer.from("abcdef\n"), Uint8Array.of(0xc3, 10), Buffer.from("ok\n")]);
    expect(await linesOf([bytes.subarray(0, 4), bytes.subarray(4)], 5)).toEqual([
      { line: 1, problem: "it must have at most 5 bytes, it has 6" },
      { line: 2, problem: "it must be UTF-8, it is not" },
      { line: 3, text: "ok" },
    ]);
  });
});
