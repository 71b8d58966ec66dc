// Stored outputs of what `start` and `attend` show.

import { compilePlan, offsetsOf } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { describe, expect, test } from "vitest";
import { spreadSides } from "../src/examples/spread-sides.ts";
import { plainLook } from "../src/terminal/look.ts";
import { foretold, friendsView } from "../src/views/karate-club.ts";
import { count, difference, percent, plural } from "../src/views/numbers.ts";
import { samplesView, twinsView } from "../src/views/read-samples.ts";
import { paddedPairs, savingsView } from "../src/views/savings.ts";
import { failedCases, suitesView } from "../src/views/suites.ts";
import { progressLines } from "../src/views/train-progress.ts";
import { recordingTerminal } from "./recording-terminal.ts";

const { signal } = new AbortController();

test("numbers for people", () => {
  expect(count(1156)).toBe("1,156");
  expect([0, 0.001, 0.5, 0.999, 1].map(percent)).toEqual(["0 %", "< 1 %", "50 %", "> 99 %", "100 %"]);
  expect([0, 1.23e-7].map(difference)).toEqual(["0", "1.2e-7"]);
  expect([plural(1, "pair"), plural(2000, "pair")]).toEqual(["1 pair", "2,000 pairs"]);
});

describe("samplesView()", () => {
  const tagged = (pairs: string) => ({
    tokens: pairs.split(" ").map((pair) => {
      const [text, tag] = pair.split("/") as [string, string];
      return { text, tag, score: 1, start: 0, end: 0 };
    }),
    sentences: [],
  });
  const judged = { label: "positive", score: 0.973, labels: [] };

  test("sets tags under words and breaks lines", () => {
    const texts = [
      { text: "I saw", tagged: tagged("I/PRON saw/VERB"), sentiment: judged },
      { text: "", tagged: tagged("party/NOUN \u001b[2J/X 🎉/SYM then/ADV home/NOUN"), sentiment: null },
    ];
    expect(samplesView({ texts }, plainLook, 40).join("\n")).toMatchInlineSnapshot(`
      "positive 97 %   I    saw
                      PRON VERB
                      party \\u{1b}[2J 🎉
                      NOUN  X         SYM
                      then home
                      ADV  NOUN"
    `);
  });

  test("shows the text itself without a tagger", () => {
    const texts = [{ text: "a\u0007b", tagged: null, sentiment: judged }];
    expect(samplesView({ texts }, plainLook, 40)).toEqual(["positive 97 %   a\\u{7}b"]);
  });
});

test("twinsView() says what tells two words apart, and that nothing does without attention", () => {
  const weights = Float32Array.of(0.5, 0.3, 0.2, 0.1, 0.9, 0, 0.25, 0.25, 0.5);
  const read = { words: ["saw", "a", "saw"], tags: ["VERB", "DET", "NOUN"], weights, layers: 2 };
  const alone = ["VERB", "DET", "VERB"];
  expect(twinsView({ ...read, tagsAlone: alone }, [0, 2], plainLook).join("\n")).toMatchInlineSnapshot(`
    "      saw     a   saw
    saw ++ 50 :: 30 .. 20  VERB
      a .. 10 ## 90     0  DET
    saw :: 25 :: 25 ++ 50  NOUN

    from .. 5 %  :: 25 %  ++ 50 %  ## 75 % of a row;  - not permitted, so not computed

    Word 1, "saw", is VERB; word 3, "saw", is NOUN: their rows differ by up to 30 %.
    The same tagger without attention says VERB and VERB: nothing tells them apart."
  `);
  expect(twinsView({ ...read, tagsAlone: null }, [0, 2], plainLook).join("\n")).not.toContain("without attention");
});

test("progressLines() keeps a line for each evaluation, also for one that found the same", () => {
  const terminal = recordingTerminal();
  const inPlace: string[] = [];
  const tell = progressLines({ ...terminal, progress: (line) => void inPlace.push(line) });
  const progress = { steps: 4, epoch: 1, loss: 0.5, rate: 1e-3, positionsPerSecond: 1234, secondsLeft: 61 };
  tell("tagger", { ...progress, step: 1, metric: null, best: null });
  for (const step of [2, 3]) {
    tell("tagger", { ...progress, step, metric: step === 2 ? null : 0.9, best: null });
    tell("tagger", { ...progress, step, metric: 0.9, best: { metric: 0.9, step: 2 } });
  }
  expect(inPlace[0]).toBe("tagger  █████░░░░░░░░░░░░░░░ 25.00 %  loss 0.5000  1,234 positions/s  1 min 1 s left");
  expect(terminal.printed).toEqual([
    "tagger  step 2 of 4, epoch 1  dev 0.9000  loss 0.5000  best 0.9000  1,234 positions/s",
    "tagger  step 3 of 4, epoch 1  dev 0.9000  loss 0.5000  best 0.9000  1,234 positions/s",
  ]);
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
