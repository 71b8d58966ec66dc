import { readConllu } from "@saccade/text-tokens";
import { describe, expect, it } from "vitest";
import { documentTexts } from "./english-data.ts";
import { scoreTagger } from "./scores.ts";
import type { EnglishTagger } from "./taggers/tagger.ts";

const line = (number: number, form: string, upos: string, misc = "_"): string =>
  [number, form, "_", upos, "_", "_", number - 1, number === 1 ? "root" : "dep", "_", misc].join("\t");
const sentences = readConllu(
  [
    "# newdoc",
    line(1, "I", "PRON"),
    line(2, "saw", "VERB"),
    line(3, "it", "PRON", "SpaceAfter=No"),
    line(4, ".", "PUNCT"),
    "",
    "# newdoc",
    line(1, "A", "DET"),
    line(2, "saw", "NOUN"),
    "",
    "",
  ].join("\n"),
);

/** Cuts at blanks alone, and calls everything by `tagOf`. */
const tagger = (tagOf: (form: string) => string): EnglishTagger => {
  const label: EnglishTagger["label"] = async (texts) =>
    texts.map((text) =>
      Array.from(text.matchAll(/\S+/gu), ({ 0: form, index }) => ({
        form,
        label: tagOf(form),
        start: index,
        end: index + form.length,
      })),
    );
  return { name: "x", learntFrom: "nothing", tag: label, label, dispose: async () => {} };
};

describe("documentTexts()", () => {
  it("gives the text of each document as it was written, and where its words are", () => {
    const [first, second] = documentTexts(sentences);
    expect([first?.text, second?.text]).toEqual(["I saw it.", "A saw"]);
    expect(first?.words.at(-1)).toEqual({ form: ".", label: "PUNCT", start: 8, end: 9 });
  });
});

describe("scoreTagger()", () => {
  it("counts, of a tagger that takes text alone, gold words with blanks between and words that it splits itself", async () => {
    const scores = await scoreTagger(
      tagger((form) => (form === "saw" ? "VERB" : "PRON")),
      sentences,
    );
    expect(scores.goldWords).toBe(3 / 6);
    // Of six words it finds four, among five of its own: "it." is none.
    expect(scores.splitting).toBeCloseTo((2 * 4) / (6 + 5), 10);
    expect(scores.rawText).toBeCloseTo((2 * 2) / (6 + 5), 10);
  });

  it("gives a gold word the tag of what covers its first character", async () => {
    const whole: EnglishTagger["label"] = async (texts) =>
      texts.map((text) => [{ form: text, label: "PRON", start: 0, end: text.length }]);
    const scores = await scoreTagger({ ...tagger(() => ""), label: whole }, sentences);
    expect(scores.goldWords).toBe(2 / 6);
    expect(scores.splitting).toBe(0);
  });

  it("asks a tagger that takes words for them", async () => {
    const tagWords: EnglishTagger["tagWords"] = async (cut) => cut.map((words) => words.map(() => "PUNCT"));
    expect((await scoreTagger({ ...tagger(() => "X"), tagWords }, sentences)).goldWords).toBe(1 / 6);
  });
});
