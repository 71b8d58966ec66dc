// The models of speech that are shipped, on recordings of the development part: a few, always the same.

import { asyncDispose } from "@saccade/attention-core";
import { type ClipLabel, type DigitString, type FrameLabels, readWav } from "@saccade/speech-frames";
import { expect, test, type TestContext } from "vitest";
import { evaluationStrings } from "../src/tasks/speech/joined-digits.ts";
import { readRecordings, type Recording } from "../src/tasks/speech/recordings.ts";
import { openTask } from "../src/tasks/open-task.ts";
import { findTask } from "../src/tasks/tasks.ts";
import { sharedData } from "./shared-data.ts";

const { signal } = new AbortController();

/** Each digit once, and each speaker. */
const files = [
  "0_george_5.wav",
  "1_jackson_6.wav",
  "2_lucas_7.wav",
  "3_nicolas_8.wav",
  "4_theo_9.wav",
  "5_yweweler_5.wav",
  "6_george_6.wav",
  "7_jackson_7.wav",
  "8_lucas_8.wav",
  "9_theo_9.wav",
];

async function run<Output>(name: string, inputs: readonly unknown[]): Promise<readonly Output[]> {
  const { pipeline } = await openTask(findTask(name), { model: undefined, threads: 1 }, signal);
  const outputs = await pipeline.run(inputs);
  await pipeline[asyncDispose]();
  return outputs as readonly Output[];
}

function recordingsOf(context: TestContext): Recording[] {
  const tsv = sharedData("fsdd/dev.tsv", context);
  return readRecordings(tsv.text(), (path) => tsv.beside(path).bytes(), 8000);
}

test("the shipped models tell which digit is said, and who says it", async (context) => {
  const audio = files.map((file) => readWav(sharedData(`fsdd/recordings/${file}`, context).bytes()));
  const digits = await run<ClipLabel>("speech/digits", audio);
  expect(digits.map(({ label }) => label)).toEqual(files.map((file) => file.split("_")[0]));
  const speakers = await run<ClipLabel>("speech/speaker", audio);
  expect(speakers.map(({ label }) => label)).toEqual(files.map((file) => file.split("_")[1]));
});

test("the shipped models read strings, and say when each digit is said", async (context) => {
  const strings = evaluationStrings(recordingsOf(context), 8000).filter((_, n) => n % 20 === 0);
  const inputs = strings.map(({ samples }) => ({ samples, sampleRate: 8000 }));
  const said = strings.map(({ digits }) => digits.join(""));
  const read = await run<DigitString>("speech/digit-strings", inputs);
  expect(read.filter(({ text }, n) => text === said[n]).length / said.length).toBeGreaterThan(0.7);
  const frames = await run<FrameLabels>("speech/frames", inputs);
  frames.forEach(({ segments }, n) => {
    expect(segments[0]!.start).toBe(0);
    expect(segments.at(-1)!.end).toBeCloseTo(strings[n]!.samples.length / 8000, 6);
  });
});
