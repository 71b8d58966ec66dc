// A stream gives what the whole recording gives, whatever the chunks.

import { createWasmBackend } from "@saccade/attention-core/wasm";
import { createPipeline, type OpenBackend } from "@saccade/pipeline";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type DigitString,
  digitStrings,
  type FrameLabels,
  frames,
  type Segment,
  type SpeechModelConfig,
  streamDigitStrings,
  streamFrames,
} from "../src/index.ts";
import { reference, smallFiles, smallModel, sound } from "./small-model.ts";

const rates = [8000, 16_000, 11_025] as const;

/** `samples` in chunks of the sizes of `sizes`, again and again. */
function* chunksOf(samples: Float32Array, sizes: readonly number[]): Generator<Float32Array> {
  for (let at = 0, n = 0; at < samples.length; n += 1) {
    const size = sizes[n % sizes.length]!;
    yield samples.subarray(at, at + size);
    at += size;
  }
}

async function* later<T>(values: Iterable<T>): AsyncGenerator<T> {
  for (const value of values) yield await Promise.resolve(value);
}

interface Heard {
  readonly labels: readonly string[];
  readonly scores: readonly number[];
  readonly segments: readonly Segment[];
}

function heard({ labels, scores, segments }: FrameLabels): Heard {
  return { labels, scores: Array.from(scores), segments };
}

async function streamed(
  open: OpenBackend,
  config: SpeechModelConfig,
  samples: Float32Array,
  sampleRate: number,
  sizes: readonly number[],
  blockSeconds: number,
): Promise<{ readonly whole: Heard; readonly parts: Heard }> {
  const model = smallFiles(config);
  await using pipeline = await createPipeline(frames, { model, backends: [open], maxPositionsPerBatch: 100 });
  const [whole] = await pipeline.run([{ samples, sampleRate }]);
  const parts: { labels: string[]; scores: number[]; segments: Segment[] } = { labels: [], scores: [], segments: [] };
  for await (const update of streamFrames(pipeline, chunksOf(samples, sizes), { model, sampleRate, blockSeconds })) {
    parts.labels.push(...update.labels);
    parts.scores.push(...update.scores);
    parts.segments.push(...update.segments);
  }
  return { whole: heard(whole!), parts };
}

const cases = fc.record({
  seconds: fc.double({ min: 0, max: 3, noNaN: true }),
  sampleRate: fc.constantFrom(...rates),
  sizes: fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 5 }),
  blockSeconds: fc.double({ min: 0.01, max: 2, noNaN: true }),
  left: fc.nat(4),
  right: fc.nat(4),
  seed: fc.nat(1000),
});

describe("streamFrames()", () => {
  test("gives the bits of the whole recording on the reference backend, whatever chunks and blocks are", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ seconds, sampleRate, sizes, blockSeconds, left, right, seed }) => {
        const config = smallModel({ pattern: { kind: "window", left, right } });
        const samples = sound(seconds, sampleRate, seed);
        const { whole, parts } = await streamed(reference, config, samples, sampleRate, sizes, blockSeconds);
        expect(parts).toEqual(whole);
      }),
      { numRuns: 25 },
    );
  });
  test("is within 1e-6 of it on WASM", async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ seconds, sampleRate, sizes, blockSeconds, left, right, seed }) => {
        const config = smallModel({ pattern: { kind: "window", left, right } });
        const samples = sound(seconds, sampleRate, seed);
        const { whole, parts } = await streamed(createWasmBackend, config, samples, sampleRate, sizes, blockSeconds);
        expect(parts.labels).toEqual(whole.labels);
        parts.scores.forEach((score, i) => expect(Math.abs(score - whole.scores[i]!)).toBeLessThan(1e-6));
        expect(parts.segments.map(({ label, start, end }) => [label, start, end])).toEqual(
          whole.segments.map(({ label, start, end }) => [label, start, end]),
        );
      }),
      { numRuns: 25 },
    );
  });
});
