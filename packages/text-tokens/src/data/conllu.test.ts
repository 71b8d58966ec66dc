import { array, assert, constantFrom, nat, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { commentOf, readConllu } from "./conllu.ts";
import { conlluText, documentsOf } from "./conllu-text.ts";
import { DataFormatError } from "./data-format-error.ts";

/** A row of ten columns. */
function row(id: string, form: string, head = "_", misc = "_"): string {
  return [id, form, "_", "X", "_", "_", head, "_", "_", misc].join("\t");
}

function failure(source: string | Uint8Array): DataFormatError {
  try {
    readConllu(source);
  } catch (error) {
    if (error instanceof DataFormatError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

function lose(): never {
  throw new Error("a word without a form");
}

const contraction = [
  "# newdoc id = d1",
  "# text = I don't.",
  row("1", "I", "3"),
  row("2-3", "don't", "_", "SpaceAfter=No"),
  row("2", "do", "3"),
  row("3", "n't", "0"),
  row("3.1", "know"),
  row("4", ".", "3"),
].join("\n");

describe("readConllu()", () => {
  test("reads words, ranges and empty nodes", () => {
    const [sentence] = readConllu(contraction);
    expect(sentence!.words.map(({ form, head }) => [form, head])).toEqual([
      ["I", 3],
      ["do", 3],
      ["n't", 0],
      [".", 3],
    ]);
    expect(sentence!.ranges).toEqual([{ from: 1, end: 3, form: "don't", misc: "SpaceAfter=No" }]);
    expect(sentence!.emptyNodes).toEqual([{ after: 3, form: "know" }]);
    expect(sentence!.line).toBe(1);
    expect(commentOf(sentence!, "text")).toBe("I don't.");
    expect(commentOf(sentence!, "newdoc")).toBe("d1");
    expect(commentOf(sentence!, "newpar")).toBeUndefined();
  });

  test("takes CRLF, a byte order mark and a missing last line end (CU-05)", () => {
    const unix = readConllu(`${contraction}\n\n`);
    expect(readConllu(`\ufeff${contraction.replaceAll("\n", "\r\n")}`)).toEqual(unix);
    expect(readConllu(new TextEncoder().encode(`\ufeff${contraction}`))).toEqual(unix);
    expect(readConllu("")).toEqual([]);
    expect(readConllu("\r\n\r\n")).toEqual([]);
  });

  test("names the line of bytes that are not UTF-8 (CU-05)", () => {
    const bytes = new TextEncoder().encode(`${row("1", "a")}\n${row("2", "b")}\n`);
    bytes[bytes.length - 3] = 0xff;
    const error = failure(bytes);
    expect([error.code, error.line]).toEqual(["data-format", 2]);
  });

  test.each([
    ["9 columns", row("1", "a").slice(0, -2), 1],
    ["11 columns", `${row("1", "a")}\t_`, 1],
    ["spaces for tabs", row("1", "a").replaceAll("\t", " "), 1],
    ["an empty form", row("1", ""), 1],
    ["a blank line of spaces", `${row("1", "a")}\n \n`, 2],
    ["an id that is none", row("x", "a"), 1],
    ["an id of 40 digits", row("1".repeat(40), "a"), 1],
    ["ids that do not begin with 1", row("2", "a"), 1],
    ["ids with a gap", `${row("1", "a")}\n${row("3", "b")}`, 2],
    ["a range that ends before it begins", `${row("1", "a")}\n${row("2", "b")}\n${row("3-2", "ab")}`, 3],
    [
      "overlapping ranges",
      `${row("1-2", "ab")}\n${row("1", "a")}\n${row("2-3", "bc")}\n${row("2", "b")}\n${row("3", "c")}`,
      3,
    ],
    ["a range beyond the sentence", `${row("1-3", "abc")}\n${row("1", "a")}`, 1],
    ["an empty node out of order", `${row("1", "a")}\n${row("1.2", "b")}`, 2],
    ["a sentence without words", "# text = x\n\n", 1],
    ["a head that is no number", row("1", "a", "x"), 1],
    ["a head beyond the sentence", row("1", "a", "2"), 1],
    ["a word that is its own head", `${row("1", "a", "0")}\n${row("2", "b", "2")}`, 2],
    ["two roots", `${row("1", "a", "0")}\n${row("2", "b", "0")}`, 2],
    ["no root", `${row("1", "a", "2")}\n${row("2", "b", "1")}`, 1],
    ["a circle", `${row("1", "a", "0")}\n${row("2", "b", "3")}\n${row("3", "c", "2")}`, 2],
    ["heads for some words only", `${row("1", "a", "0")}\n${row("2", "b")}`, 2],
  ])("refuses %s, and names the line (CU-01, CU-03, CU-04)", (_, source, line) => {
    const error = failure(source);
    expect(error.line).toBe(line);
    expect(error.message).toMatch(/^Cannot read CoNLL-U: line \d+ must .*[^.]$/u);
    expect(error.message.length).toBeLessThan(200);
  });

  test("leaves trees alone if asked", () => {
    const roots = `${row("1", "a", "0")}\n${row("2", "b", "0")}`;
    expect(readConllu(roots, { trees: "ignore" })[0]!.words).toHaveLength(2);
    expect(() => readConllu(row("1", "a", "2"), { trees: "ignore" })).toThrow(DataFormatError);
  });

  test("reads a line of 10 MB and a sentence of a million tokens (CU-06)", () => {
    expect(readConllu(row("1", "a".repeat(10_000_000)))[0]!.words[0]!.form).toHaveLength(10_000_000);
    const rows = Array.from({ length: 1_000_000 }, (_, i) => `${i + 1}\ta\t_\t_\t_\t_\t${i}\t_\t_\t_`);
    expect(readConllu(rows.join("\n"))[0]!.words).toHaveLength(1_000_000);
  });

  test("reads or refuses whatever is done to a file", () => {
    const piece = constantFrom(
      "\t",
      "\n",
      "\r\n",
      "_",
      "0",
      "1",
      "2",
      "1-2",
      "1.1",
      "#",
      " ",
      "99999999999",
      "a",
      "\ud800",
    );
    assert(
      property(nat(contraction.length), nat(20), array(piece), (at, length, pieces) => {
        const source = contraction.slice(0, at) + pieces.join("") + contraction.slice(at + length);
        try {
          for (const { words } of readConllu(source)) words.forEach(({ form }) => (form === "" ? lose() : undefined));
        } catch (error) {
          if (!(error instanceof DataFormatError)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("stops at the first of a million bad lines, with a short message (CU-13)", () => {
    const started = performance.now();
    expect(failure("\u001b[31m<script>\n".repeat(1_000_001)).line).toBe(1);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe("conlluText()", () => {
  test("gives the words their places in the text, those of a range too", () => {
    const { text, words, sentences } = conlluText(readConllu(contraction));
    expect(text).toBe("I don't.");
    expect(words.map(({ start, end }) => text.slice(start, end))).toEqual(["I", "do", "n't", "."]);
    expect(sentences).toEqual([{ start: 0, end: 8 }]);
  });

  test("lets words share a range that they do not spell", () => {
    const { text, words } = conlluText(readConllu([row("1-2", "zum"), row("1", "zu"), row("2", "dem")].join("\n")));
    expect(words.map(({ start, end }) => text.slice(start, end))).toEqual(["zum", "zum"]);
  });

  test("begins a paragraph after a blank line, a document with newdoc", () => {
    const file = [
      contraction,
      "",
      row("1", "So"),
      "",
      "# newpar",
      row("1", "Yes"),
      "",
      "# newdoc",
      row("1", "No"),
    ].join("\n");
    const sentences = readConllu(file);
    expect(conlluText(sentences).text).toBe("I don't. So\n\nYes\n\nNo");
    expect(documentsOf(sentences).map((each) => each.length)).toEqual([3, 1]);
  });
});
