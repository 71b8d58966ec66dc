import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { readSamples } from "../src/examples/read-samples.ts";
import { samples, twins } from "../src/samples/texts.ts";
import { testFolder, writeTinyTagger } from "./tiny-tagger.ts";

const folder = await testFolder();
const tagger = pathToFileURL(await writeTinyTagger(folder));
const { signal } = new AbortController();

test("readSamples() names models that are missing, and goes on with the others", async () => {
  const gone = new URL("gone/", tagger);
  const read = await readSamples(samples, twins, { tagger, wordsAlone: gone, sentiment: gone }, signal);
  expect(read.missing).toEqual([
    expect.stringMatching(/^The model of text\/upos-words-alone is missing: .*gone/),
    expect.stringMatching(/^The model of text\/sentiment is missing: /),
  ]);
  expect(read.models).toEqual([{ name: "text/upos", bytes: expect.any(Number) }]);
  expect(read.texts.map(({ text }) => text)).toEqual(samples);
  for (const { tagged, sentiment } of read.texts) {
    expect(tagged!.tokens.length).toBeGreaterThan(3);
    expect(sentiment).toBeNull();
  }
  const { words, tags, tagsAlone, weights, layers } = read.twins!;
  expect([words, tags.length, tagsAlone, weights.length, layers]).toEqual([["I", "saw", "a", "saw"], 4, null, 16, 1]);
  for (let row = 0; row < 4; row += 1) {
    expect(weights.subarray(4 * row, 4 * row + 4).reduce((sum, weight) => sum + weight)).toBeCloseTo(1, 5);
  }
  expect(read.numbers).toBeGreaterThan(80);
  expect(read.difference).toBeLessThan(1e-5);
});

test("readSamples() without any model says so and claims nothing", async () => {
  const gone = new URL("gone/", tagger);
  const read = await readSamples(samples, twins, { tagger: gone, wordsAlone: gone, sentiment: gone }, signal);
  expect([read.missing.length, read.models, read.twins, read.numbers, read.difference]).toEqual([3, [], null, 0, 0]);
});

test("readSamples() rejects with the reason of an aborted signal", async () => {
  const models = { tagger, wordsAlone: tagger, sentiment: tagger };
  await expect(readSamples(samples, twins, models, AbortSignal.abort(new Error("stopped")))).rejects.toThrow("stopped");
});
