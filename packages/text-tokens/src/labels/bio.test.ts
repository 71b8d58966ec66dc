import { array, assert, constantFrom, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { bioOfSpans, parseBioLabel, spansOfBio } from "./bio.ts";

describe("spansOfBio()", () => {
  test.each<[string, [number, number, string][]]>([
    [
      "B-a I-a O B-b",
      [
        [0, 2, "a"],
        [3, 4, "b"],
      ],
    ],
    [
      "B-a B-a I-a",
      [
        [0, 1, "a"],
        [1, 3, "a"],
      ],
    ],
    ["O I-a I-a", [[1, 3, "a"]]],
    [
      "B-a I-b I-b",
      [
        [0, 1, "a"],
        [1, 3, "b"],
      ],
    ],
    [
      "I-a O I-a",
      [
        [0, 1, "a"],
        [2, 3, "a"],
      ],
    ],
    [
      "S-a B-b E-b U-c L-c",
      [
        [0, 1, "a"],
        [1, 3, "b"],
        [3, 5, "c"],
      ],
    ],
    ["B-creative-work X Y- B-", [[0, 1, "creative-work"]]],
    ["O", []],
  ])("of %s", (labels, spans) => {
    expect(spansOfBio(labels.split(" "))).toEqual(spans.map(([start, end, label]) => ({ start, end, label })));
  });

  test("is undone by bioOfSpans(), which repairs", () => {
    assert(
      property(array(constantFrom("O", "B-a", "I-a", "B-b", "I-b")), (labels) => {
        const spans = spansOfBio(labels);
        const repaired = bioOfSpans(spans, labels.length);
        expect(spansOfBio(repaired)).toEqual(spans);
        repaired.forEach((label, i) => {
          expect(parseBioLabel(label).kind).toBe(parseBioLabel(labels[i]!).kind);
        });
      }),
    );
  });

  test("bioOfSpans() refuses spans that overlap or leave the tokens", () => {
    expect(() => bioOfSpans([{ start: 0, end: 3, label: "a" }], 2)).toThrow(RangeError);
    expect(() =>
      bioOfSpans(
        [
          { start: 0, end: 2, label: "a" },
          { start: 1, end: 2, label: "a" },
        ],
        2,
      ),
    ).toThrow(RangeError);
  });
});
