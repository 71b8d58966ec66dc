import { assert, constantFrom, array, oneof, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { tokenRules } from "./rules.ts";
import { tokenize, tokenizer } from "./tokenize.ts";
import type { TokenizedText } from "./token.ts";

function words(text: string): string {
  return tokenize(text)
    .tokens.map((token) => token.text)
    .join(" ");
}

function sentences(text: string, paragraphs: "blank-lines" | "lines" = "blank-lines"): string[] {
  const { tokens, sentences: offsets } = tokenize(text, { paragraphs });
  return Array.from(offsets.slice(1), (end, s) =>
    tokens
      .slice(offsets[s], end)
      .map((token) => token.text)
      .join(" "),
  );
}

/** What holds for every text. */
function checkInvariants({ text, tokens, sentences: offsets }: TokenizedText): void {
  let at = 0;
  for (const { text: word, start, end } of tokens) {
    if (text.slice(start, end) !== word || end <= start || start < at)
      throw new Error(`${start} .. ${end} is not ${word}`);
    if (/\S/u.test(text.slice(at, start).replace(/[\u0085\u200b\u2060]/gu, "")))
      throw new Error(`lost at ${at} .. ${start}`);
    at = end;
  }
  expect(text.slice(at)).toMatch(/^[\s\u0085\u200b\u2060]*$/u);
  expect(offsets[0]).toBe(0);
  expect(offsets.at(-1)).toBe(tokens.length);
  for (let s = 1; s < offsets.length; s += 1) expect(offsets[s]).toBeGreaterThan(offsets[s - 1]!);
}

describe("tokenize()", () => {
  test.each([
    ["I don't, can't and won't.", "I do n't , ca n't and wo n't ."],
    ["I'm gonna say John's cannot", "I 'm gon na say John 's can not"],
    ["I'd've said he’s THEY'LL", "I 'd 've said he ’s THEY 'LL"],
    ["dont alot Whats", "do nt a lot What s"],
    ["the parents' car in the 60's, O'Connell", "the parents ' car in the 60's , O'Connell"],
    ["rock 'em, back in '72", "rock 'em , back in '72"],
    ["a well-known non-essential e-mail, mid-1980s", "a well - known non-essential e-mail , mid-1980s"],
    ["the co-worker's idea", "the co-worker 's idea"],
    ["and/or w/o I/C", "and / or w/o I/C"],
    ["Wait...what?! No--yes", "Wait ... what ?! No -- yes"],
    ['He said, "no!" (loudly).', 'He said , " no ! " ( loudly ) .'],
    ["at 5:30pm, 9am-12pm, 10k, 35mm", "at 5:30 pm , 9 am - 12 pm , 10 k , 35 mm"],
    ["$1,650,000.50 US$5 100% #1 £30", "$ 1,650,000.50 US $ 5 100 % # 1 £ 30"],
    ["1998-2004 713-853-3989 9/11 1/2 11/28/2000", "1998 - 2004 713-853-3989 9/11 1 / 2 11/28/2000"],
    [
      "Mr. J. Smith of Acme Inc. in the U.S. met Dr. Who at 9 p.m. today",
      "Mr. J. Smith of Acme Inc. in the U.S. met Dr. Who at 9 p.m. today",
    ],
    ["pens, paper, etc.", "pens , paper , etc ."],
    ["It was at 9 p.m.", "It was at 9 p.m ."],
    [
      "see http://a.b/c?d=e#f, (www.x.org) or whitehouse.gov.",
      "see http://a.b/c?d=e#f , ( www.x.org ) or whitehouse.gov .",
    ],
    ["<carol.st.clair@enron.com>", "< carol.st.clair@enron.com >"],
    ["great :) thanks :-( <3", "great :) thanks :-( <3"],
    ["AT&T and A&E", "AT&T and A&E"],
    ["end.Next one", "end . Next one"],
    ["@Ryan #tag @ 5", "@Ryan #tag @ 5"],
  ])("cuts %j", (text, expected) => {
    expect(words(text)).toBe(expected);
  });

  test.each(tokenRules().flatMap(({ name, examples }) => examples.map((example) => [name, example] as const)))(
    "has a rule for a %s, %s",
    (_, example) => {
      expect(words(`x ${example} x`)).toBe(`x ${example} x`);
    },
  );

  test("ends sentences where they end", () => {
    expect(sentences('It ends. It begins? Yes!! (Maybe.) "So." He left')).toEqual([
      "It ends .",
      "It begins ?",
      "Yes !!",
      "( Maybe . )",
      '" So . "',
      "He left",
    ]);
    expect(sentences("Mr. Smith went to Washington, D.C. on Monday. No. 5 is alive... and well... Good. :)")).toEqual([
      "Mr. Smith went to Washington , D.C. on Monday .",
      "No. 5 is alive ... and well ...",
      "Good . :)",
    ]);
    expect(sentences("I said no. Then I left. He works for Acme Inc. The pay is bad.")).toEqual([
      "I said no .",
      "Then I left .",
      "He works for Acme Inc .",
      "The pay is bad .",
    ]);
    expect(sentences("A headline\n\nA text\nof two lines")).toEqual(["A headline", "A text of two lines"]);
    expect(sentences("one\r\ntwo\r\n\r\nthree", "lines")).toEqual(["one", "two", "three"]);
    expect(sentences("one\r\ntwo\r\n\r\nthree")).toEqual(["one two", "three"]);
  });

  test("takes a text as one sentence if asked", () => {
    const { tokens, sentences: offsets } = tokenize("One. Two.\n\nThree etc.", { sentences: "one" });
    expect([...offsets]).toEqual([0, tokens.length]);
    expect(tokens.map((token) => token.text)).toEqual(["One", ".", "Two", ".", "Three", "etc", "."]);
  });

  test.each(["", " ", "\n\n\t\r\n", "\u00a0\u3000\u200b\ufeff"])("finds nothing in %j (TK-16)", (text) => {
    expect(tokenize(text)).toEqual({ text, tokens: [], sentences: Int32Array.of(0) });
  });

  test("keeps offsets exact where lower case is longer, with CRLF, joined emoji and right-to-left text (TK-13, TK-14)", () => {
    for (const [text, expected] of [
      ["İstanbul'da\r\nok", ["İstanbul'da", "ok"]],
      ["a👩‍👩‍👧‍👦👍🏽🇳🇱🇩🇪b", ["a", "👩‍👩‍👧‍👦", "👍🏽", "🇳🇱", "🇩🇪", "b"]],
      ["שָׁלוֹם, עולם! مرحبا؟", ["שָׁלוֹם", ",", "עולם", "!", "مرحبا", "؟"]],
      ["e\u0301te\u0301 \ud800 x\udc00y", ["e\u0301te\u0301", "\ud800", "x", "\udc00", "y"]],
      ["<script>\u001b[31m", ["<", "script", ">", "\u001b", "[", "31", "m"]],
    ] as const) {
      const result = tokenize(text);
      expect(result.tokens.map((token) => token.text)).toEqual(expected);
      checkInvariants(result);
    }
  });

  test("takes names of Object.prototype for words (TK-10)", () => {
    expect(words("__proto__ constructor hasOwnProperty toString.")).toBe(
      "__proto__ constructor hasOwnProperty toString .",
    );
  });

  test("covers every text but its blanks, in order", () => {
    const pieces = constantFrom(
      "don't",
      "U.S.",
      "etc.",
      "...",
      "'",
      "’s",
      "a-b",
      "5pm",
      "1,5",
      ":)",
      "http://",
      "x@y.z",
      "\r\n",
      "\n\n",
      " ",
      "👩‍👩‍👧",
      "\u200d",
      "\ufe0f",
      "\ud83d",
      "\udc4d",
      "\u0301",
      "İ",
      "é",
      "中文",
      "#",
      "@",
      "$$",
      "-",
      "(",
      ".",
    );
    const cut = tokenizer();
    assert(
      property(
        oneof(
          string({ unit: "binary" }),
          string({ unit: "grapheme" }),
          array(pieces).map((parts) => parts.join("")),
        ),
        (text) => {
          checkInvariants(cut(text));
          checkInvariants(cut(text, { sentences: "one", paragraphs: "lines" }));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("cuts the same whatever it cut before", () => {
    const cut = tokenizer();
    assert(
      property(string({ unit: "grapheme" }), (text) => {
        expect(cut(text)).toEqual(tokenize(text));
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    "a",
    "a-",
    "a.",
    "1-",
    "'",
    "(",
    "x@",
    "@a.",
    "\ud800",
    "👩‍",
    "中",
    "a".repeat(30) + "-",
    "http://",
    ".!?",
    "anti-",
  ])("cuts a line of 200,000 units without blanks in seconds, of %j", (unit) => {
    const text = unit.repeat(Math.ceil(200_000 / unit.length));
    const started = performance.now();
    const { tokens } = tokenize(text);
    expect(performance.now() - started).toBeLessThan(10_000);
    expect([tokens[0]?.start, tokens.at(-1)?.end]).toEqual([0, text.length]);
  });
});
