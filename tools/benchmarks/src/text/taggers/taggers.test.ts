import { describe, expect, it } from "vitest";
import { openCompromise, universalLabel } from "./compromise.ts";
import type { EnglishTagger } from "./tagger.ts";
import { openWink } from "./wink.ts";

const texts = [
  "I don't know (really) what he's doing... well-known $5.00 can't cannot",
  "Dr. Smith's dog  didn't bark!\n\nWe're here 🎉 :)",
  "“Yes,” she said -- it is Jane’s & hers.",
  "",
];

/** Words with their tags, as `word/TAG`. */
const read = async (tagger: EnglishTagger, text: string): Promise<string> =>
  (await tagger.label([text]))[0]!.map(({ form, label }) => `${form}/${label}`).join(" ");

describe.each([openWink(), openCompromise()])("$name", (tagger) => {
  it("gives words where they stand, in order, and leaves nothing but white space out", async () => {
    const labelled = await tagger.label(texts);
    for (const [n, text] of texts.entries()) {
      let at = 0;
      for (const { form, start, end } of labelled[n]!) {
        expect(text.slice(start, end)).toBe(form);
        expect(text.slice(at, start).trim()).toBe("");
        at = end;
      }
      expect(text.slice(at).trim()).toBe("");
    }
  });
});

describe("openCompromise()", () => {
  it("cuts contractions and genitives where treebanks cut them, with a tag for each part", async () => {
    expect(await read(openCompromise(), "I don't know.")).toBe("I/PRON do/AUX n't/PART know/VERB ./PUNCT");
    expect(await read(openCompromise(), "She's the dog's friend.")).toContain(
      "She/PRON 's/AUX the/DET dog/NOUN 's/PART",
    );
  });

  it("takes marks around words for words", async () => {
    expect(await read(openCompromise(), "Yes (really)...")).toBe("Yes/INTJ (/PUNCT really/ADV )/PUNCT .../PUNCT");
  });
});

describe("universalLabel()", () => {
  it("asks for closed classes first, then for its tags in order", () => {
    expect(universalLabel("because", new Set(["Conjunction"]))).toBe("SCONJ");
    expect(universalLabel("and", new Set(["Conjunction"]))).toBe("CCONJ");
    expect(universalLabel("Oslo", new Set(["Noun", "ProperNoun", "Place"]))).toBe("PROPN");
    expect(universalLabel("?!", new Set(["Noun"]))).toBe("PUNCT");
    expect(universalLabel("zzz", new Set())).toBe("X");
  });

  it("tells the two words `to` apart by what follows", () => {
    const to = new Set(["Conjunction"]);
    expect(universalLabel("to", to, new Set(["Verb", "Infinitive"]))).toBe("PART");
    expect(universalLabel("to", to, new Set(["Noun"]))).toBe("ADP");
  });
});
