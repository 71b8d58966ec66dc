import { describe, expect, test } from "vitest";
import { DataFormatError } from "./data-format-error.ts";
import { readLabelledTexts } from "./labelled-texts.ts";
import { readLabelledTokens } from "./labelled-tokens.ts";

describe("readLabelledTokens()", () => {
  test("reads sentences between blank lines", () => {
    expect(readLabelledTokens("\ufeffa\tB-x\r\n#b\tO\r\n\r\n\r\nc\tO")).toEqual([
      { tokens: ["a", "#b"], labels: ["B-x", "O"], line: 1 },
      { tokens: ["c"], labels: ["O"], line: 5 },
    ]);
    expect(readLabelledTokens("\n \n")).toEqual([]);
  });

  test("reads other columns, blanks between them, and skips comments if asked", () => {
    const source = "# id\n1 Rome B-LOC -\n2 is  O -\n";
    expect(readLabelledTokens(source, { token: 1, label: 2, separator: "blanks", comment: "#" })).toEqual([
      { tokens: ["Rome", "is"], labels: ["B-LOC", "O"], line: 2 },
    ]);
  });

  test.each([
    ["a\tO\nb", 2],
    ["a\tO\n\tO", 2],
    ["a O", 1],
  ])("refuses %j, and names the line", (source, line) => {
    expect(() => readLabelledTokens(source)).toThrow(DataFormatError);
    expect(() => readLabelledTokens(source)).toThrow(`line ${line} must`);
  });
});

describe("readLabelledTexts()", () => {
  test("finds columns by their names, and takes quotes as they stand", () => {
    const source = 'source\tsentence\tlabel\nyelp\t"Great"\t1\n\nimdb\t\t0\n';
    expect(readLabelledTexts(source, { text: "sentence", label: "label" })).toEqual([
      { text: '"Great"', label: "1", line: 2 },
      { text: "", label: "0", line: 4 },
    ]);
  });

  test("takes columns by number where there is no header", () => {
    expect(readLabelledTexts("good\t1", { text: 0, label: 1 })).toEqual([{ text: "good", label: "1", line: 1 }]);
  });

  test.each([
    ["text\tlabel\nx\t1", 'line 1 must have a column "sentence"'],
    ["sentence\tlabel\nx", "line 2 must have 2 columns"],
    ["sentence\tlabel\nx\t1\t2", "line 2 must have 2 columns"],
    ["sentence\tlabel\nx\t", "line 2 must have a label"],
  ])("refuses %j", (source, message) => {
    expect(() => readLabelledTexts(source, { text: "sentence", label: "label" })).toThrow(message);
  });
});
