import { AudioFormatError } from "@saccade/speech-frames";
import { DataFormatError } from "@saccade/text-tokens";
import { expect, test } from "vitest";
import { wav } from "../../../test/spoken-tones.ts";
import { labelledRecordings, readRecordings } from "./recordings.ts";

const tsv = "file\tdigit\tspeaker\n7_ada_1.wav\t7\tada\nelsewhere/0_bob_1.wav\t0\tbob\n";

test("readRecordings() reads names from the folder recordings and paths from where they go", () => {
  const paths: string[] = [];
  const found = readRecordings(
    tsv,
    (path) => {
      paths.push(path);
      return wav(Float32Array.of(0.5, -0.5));
    },
    8000,
  );
  expect(paths).toEqual(["recordings/7_ada_1.wav", "elsewhere/0_bob_1.wav"]);
  expect(found.map(({ digit, speaker }) => [digit, speaker])).toEqual([
    [7, "ada"],
    [0, "bob"],
  ]);
  expect(found[0]!.samples[0]).toBeCloseTo(0.5, 4);
});

test("readRecordings() resamples to the rate that is asked for", () => {
  const [first] = readRecordings(tsv, () => wav(new Float32Array(1600), 16_000), 8000);
  expect(first!.samples.length).toBe(800);
});

test("readRecordings() throws for a label that is no digit and for a file that is no WAV, and names both", () => {
  const read = (text: string) => () => readRecordings(text, () => new Uint8Array(4), 8000);
  expect(read("file\tdigit\tspeaker\na.wav\tten\tada\n")).toThrow(DataFormatError);
  expect(read("file\tdigit\tspeaker\na.wav\tten\tada\n")).toThrow("line 2");
  expect(read(tsv)).toThrow(AudioFormatError);
  expect(read(tsv)).toThrow("recordings/7_ada_1.wav");
});

test("labelledRecordings() takes labels of any column, and says which one is missing", () => {
  expect(labelledRecordings(tsv, "speaker")).toEqual([
    { path: "recordings/7_ada_1.wav", label: "ada" },
    { path: "elsewhere/0_bob_1.wav", label: "bob" },
  ]);
  expect(() => labelledRecordings(tsv, "mood")).toThrow(DataFormatError);
});
