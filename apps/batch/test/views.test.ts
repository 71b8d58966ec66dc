// Stored outputs of what `start` and `attend` show.

import { compilePlan, offsetsOf } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { describe, expect, test } from "vitest";
import { attendWords } from "../src/examples/attend-words.ts";
import { spreadSides } from "../src/examples/spread-sides.ts";
import { plainLook } from "../src/terminal/look.ts";
import { byOpinion, clubView, foretold, friendsView } from "../src/views/karate-club.ts";
import { count, difference, percent, plural } from "../src/views/numbers.ts";
import { samplesView } from "../src/views/samples.ts";
import { paddedPairs, savingsView } from "../src/views/savings.ts";
import { failedCases, suitesView } from "../src/views/suites.ts";

const { signal } = new AbortController();

test("numbers for people", () => {
  expect(count(1156)).toBe("1,156");
  expect([0, 0.001, 0.5, 0.999, 1].map(percent)).toEqual(["0 %", "< 1 %", "50 %", "> 99 %", "100 %"]);
  expect([0, 1.23e-7].map(difference)).toEqual(["0", "1.2e-7"]);
  expect([plural(1, "pair"), plural(2000, "pair")]).toEqual(["1 pair", "2,000 pairs"]);
});

test("samplesView() names the word that looks most at another one", async () => {
  const sentences = ["I saw a saw", "Time flies.", "!"].map((text) => ({ text, words: text.match(/\w+|[.!]/g)! }));
  const texts = sentences.map(({ words }) => words);
  const request = {
    texts,
    heads: 4,
    positions: "none",
    pattern: { kind: "full" },
    maps: { topK: 3, meanOverHeads: true },
  } as const;
  const attended = await attendWords(createReferenceBackend(), request, signal);
  expect(samplesView(sentences, attended, plainLook).join("\n")).toMatchInlineSnapshot(`
    "sentence     words  who looks most at another word  weight
    I saw a saw      4  saw (2) at saw (4)                47 %
    Time flies.      3  Time (1) at flies (2)              4 %
    !                1"
  `);
});

test("savingsView() counts against dense and padded attention", () => {
  const offsets = offsetsOf([2, 6]);
  const plan = compilePlan(offsets, offsets, { kind: "causal" });
  expect(paddedPairs(plan)).toBe(72);
  expect(savingsView([{ title: "two sets, causal", plan }], plainLook).join("\n")).toMatchInlineSnapshot(`
    "plan              sets  rows  computed  dense  padded  of padded
    two sets, causal     2     8        24     40      72       33 %"
  `);
  const none = offsetsOf([]);
  expect(paddedPairs(compilePlan(none, none, { kind: "full" }))).toBe(0);
});

describe("suitesView()", () => {
  const failed = ["case: Error: \u001b[31mwrong", "b: x", "c: x", "d: x", "e: x", "f: x"];
  const backends = [
    { backend: "mine", outcomes: [{ suite: "maps", passed: 1200, failed, notApplicable: 2 }] },
    { backend: "other", outcomes: [{ suite: "rows", passed: 3, failed: [], notApplicable: 0 }] },
  ];
  test("has a row per suite, a sum, and the first failures", () => {
    expect(suitesView(backends, plainLook, 60).join("\n")).toMatchInlineSnapshot(`
      "suite  mine                                      other
      maps   1,200 passed, 6 failed, 2 not applicable  -
      rows   -                                         3 passed
      all    1,200 passed, 6 failed, 2 not applicable  3 passed

      mine: maps: case: Error: \\u{1b}[31mwrong
      mine: maps: b: x
      mine: maps: c: x
      mine: maps: d: x
      mine: maps: e: x
      mine: and 1 more"
    `);
  });
  test("failedCases() sums them", () => expect(failedCases(backends)).toBe(6));
});

describe("the karate club", async () => {
  const spread = await spreadSides(createReferenceBackend(), signal);
  test("is drawn in the order of opinions", () => {
    expect([byOpinion(spread)[0], byOpinion(spread).at(-1)]).toEqual([1, 34]);
    expect(clubView(spread, plainLook).join("\n")).toMatchInlineSnapshot(`
      "      1   1     1 1 2 1       1 2   1   3 2 3 2 2 2 3 2 3 1 1 1 2 2 2 3
          1 2 5 1 6 7 7 8 2 3 4 2 8 4 0 3 0 9 1 9 2 5 6 8 3 4 0 5 6 9 1 3 7 4
       1  -..:::::::: -::::::####++:::::: -.. - -.. - - - - - - - - - - - - -  +1.00 instructor
      12 ## - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - - -  +1.00 instructor
       5 :: - -## -++ - - - - - - - - - - - - - - - - - - - - - - - - - - - -  +0.99 instructor
      11 :: -## -++ - - - - - - - - - - - - - - - - - - - - - - - - - - - - -  +0.99 instructor
       6 .. - -++ -#### - - - - - - - - - - - - - - - - - - - - - - - - - - -  +0.99 instructor
       7 .. -++ -## -## - - - - - - - - - - - - - - - - - - - - - - - - - - -  +0.99 instructor
      17  - - - -#### - - - - - - - - - - - - - - - - - - - - - - - - - - - -  +0.99 instructor
      18 ++ - - - - - - - - - -## - - - - - - - - - - - - - - - - - - - - - -  +0.78 instructor
      22 ++ - - - - - - - - - -## - - - - - - - - - - - - - - - - - - - - - -  +0.78 instructor
      13 :: - - - - - - - - -## - - - - - - - - - - - - - - - - - - - - - - -  +0.75 instructor
       4 :: - - - - - - - -:: -++##++ -++ - - - - - - - - - - - - - - - - - -  +0.65 instructor
       2 ## - - - - - -++++ -## -####::++ - -.. - - - - - - - - - - - - - - -  +0.65 instructor
       8 :: - - - - - - - - -##++ - - -++ - - - - - - - - - - - - - - - - - -  +0.64 instructor
      14 :: - - - - - - - - -##++ - - -++ - - - - - - - - - - - - - - - - -..  +0.58 instructor
      20 ++ - - - - - - - - - -## - - - - - - - - - - - - - - - - - - - - -::  +0.45 instructor
       3 ++ - - - - - - - - -##++#### - -:::: -.. - - -.... - - - - - - - - -  +0.40 instructor
      10  - - - - - - - - - - - - - - -## - - - - - - - - - - - - - - - - -++  -0.19 president
       9 .. - - - - - - - - - - - - - -:: - -## - - - - -++ - - - - - - - -::  -0.31 instructor (!)
      31  - - - - - - - - - - -.. - - - - -## - - - - - -:: - - - - - - - -::  -0.43 president
      29  - - - - - - - - - - - - - - -:: - - - -## - - - - - - - - - - - -::  -0.46 president
      32 .. - - - - - - - - - - - - - - - - - -## -#### -:: - - - - - - - -::  -0.53 president
      25  - - - - - - - - - - - - - - - - - - - -:: -##:: - - - - - - - - - -  -0.57 president
      26  - - - - - - - - - - - - - - - - - - - -::## - - -:: - - - - - - - -  -0.59 president
      28  - - - - - - - - - - - - - - -:: - - - - -++ - - -## - - - - - - -::  -0.59 president
      33  - - - - - - - - - - - - - - -.. -:::: -.. - - - -:::::::::::::: -##  -0.75 president
      24  - - - - - - - - - - - - - - - - - - - - - -:::::: -## - - - - - -::  -0.78 president
      30  - - - - - - - - - - - - - - - - - - - - - - - -::## - - - - - -##::  -0.84 president
      15  - - - - - - - - - - - - - - - - - - - - - - - -## - - - - - - - -++  -0.86 president
      16  - - - - - - - - - - - - - - - - - - - - - - - -## - - - - - - - -++  -0.86 president
      19  - - - - - - - - - - - - - - - - - - - - - - - -## - - - - - - - -++  -0.86 president
      21  - - - - - - - - - - - - - - - - - - - - - - - -## - - - - - - - -++  -0.86 president
      23  - - - - - - - - - - - - - - - - - - - - - - - -## - - - - - - - -++  -0.86 president
      27  - - - - - - - - - - - - - - - - - - - - - - - - - -## - - - - - -..  -0.87 president
      34  - - - - - - - - - - - - -.... -.......... - -..##::::............ -  -1.00 president

      from .. 5 %  :: 25 %  ++ 50 %  ## 75 % of a row's largest;  - not permitted, so not computed"
    `);
  });
  test("foretold() names those who went the other way", () =>
    expect(foretold(spread)).toEqual({ right: 33, wrong: [9] }));
  test("friendsView() lists whom a member attends to most", () => {
    expect(friendsView(spread, [1, 9], plainLook).join("\n")).toMatchInlineSnapshot(`
      "member             attends most to                 receives the attention of
      1, the instructor  2 (15 %), 4 (12 %), 8 (8 %)                   3.6 members
      9                  31 (43 %), 33 (22 %), 3 (17 %)                0.8 members"
    `);
  });
});
