import { describe, expect, test } from "vitest";
import { type EntityGrouping, groupEntities, type ScoredPiece } from "./group-entities.ts";

const labels = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"];

/** A piece that is sure of one label to some degree; the rest goes to O, or to B-PER if that is the label. */
function piece(start: number, end: number, label: string, score = 0.9, continuesWord = false): ScoredPiece {
  const probabilities = labels.map((each) =>
    each === label ? score : each === (label === "O" ? "B-PER" : "O") ? 1 - score : 0,
  );
  return { start, end, probabilities, continuesWord };
}

const text = "Anna Maria Smith of New York";

describe("groupEntities()", () => {
  test("joins B-X and I-X, and takes the mean of their probabilities", () => {
    const pieces = [
      piece(0, 4, "B-PER", 0.9),
      piece(5, 10, "I-PER", 0.7),
      piece(11, 16, "I-PER", 0.8),
      piece(17, 19, "O"),
      piece(20, 23, "B-LOC"),
      piece(24, 28, "I-LOC"),
    ];
    const entities = groupEntities(text, pieces, labels);
    expect(entities).toMatchObject([
      { text: "Anna Maria Smith", label: "PER", start: 0, end: 16 },
      { text: "New York", label: "LOC", start: 20, end: 28 },
    ]);
    expect(entities[0]!.score).toBeCloseTo(0.8);
  });

  test("begins an entity with B-X after X, and with I-X after anything but X", () => {
    const pieces = [piece(0, 4, "I-PER"), piece(5, 10, "B-PER"), piece(11, 16, "I-LOC")];
    expect(groupEntities(text, pieces, labels).map((each) => `${each.label} ${each.text}`)).toEqual([
      "PER Anna",
      "PER Maria",
      "LOC Smith",
    ]);
  });

  // "Smith" in three pieces that disagree: B-LOC 0.5, B-PER 0.4 and 0.9 for O.
  const pieces: ScoredPiece[] = [
    { start: 11, end: 13, probabilities: [0.1, 0.4, 0, 0.5, 0] },
    { start: 13, end: 15, probabilities: [0, 0.9, 0, 0.1, 0], continuesWord: true },
    { start: 15, end: 16, probabilities: [0.95, 0.05, 0, 0, 0], continuesWord: true },
  ];

  test.each<[EntityGrouping, [string, string, number][]]>([
    [
      "simple",
      [
        ["LOC", "Sm", 0.5],
        ["PER", "it", 0.9],
      ],
    ],
    ["first", [["LOC", "Smith", 0.5]]],
    ["average", [["PER", "Smith", 0.45]]],
    ["max", []],
  ])("asks the pieces of a word by %s", (grouping, expected) => {
    const entities = groupEntities(text, pieces, labels, grouping);
    expect(entities.map((each) => [each.label, each.text])).toEqual(expected.map(([label, word]) => [label, word]));
    entities.forEach((each, i) => {
      expect(each.score).toBeCloseTo(expected[i]![2]);
    });
  });

  test("finds nothing in nothing", () => {
    expect(groupEntities("", [], labels)).toEqual([]);
  });
});
