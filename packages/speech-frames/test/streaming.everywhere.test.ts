// A stream gives what the whole recording gives, whatever the chunks.

import { createWasmBackend } from "@saccade/attention-core/wasm";
import { ModelMismatchError } from "@saccade/attention-core";
import { createPipeline, type OpenBackend } from "@saccade/pipeline";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createSpeechStream,
  type DigitStringSettings,
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

/** Browsers are slower at the reference backend. */
const numRuns = 12;

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
      { numRuns },
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
      { numRuns },
    );
  });
});

describe("streamDigitStrings()", () => {
  test.each<Partial<DigitStringSettings>>([{ search: "greedy" }, { search: "beam", beams: 4 }])(
    "gives the labels of the whole recording, by %j, with the same bits",
    async (settings) => {
      const config = smallModel();
      const model = smallFiles(config);
      await using pipeline = await createPipeline(digitStrings, { model, settings, backends: [reference] });
      await fc.assert(
        fc.asyncProperty(cases, async ({ seconds, sampleRate, sizes, blockSeconds, seed }) => {
          const samples = sound(seconds, sampleRate, seed);
          const [whole] = await pipeline.run([{ samples, sampleRate }]);
          const labels: string[] = [];
          let logProbability = Number.NaN;
          const options = { model, sampleRate, blockSeconds, ...settings };
          for await (const update of streamDigitStrings(pipeline, chunksOf(samples, sizes), options)) {
            labels.push(...update.labels);
            ({ logProbability } = update);
          }
          expect(labels).toEqual(whole!.labels);
          expect(logProbability).toBe(whole!.logProbability);
        }),
        { numRuns: 10 },
      );
    },
  );
});

describe("a stream", () => {
  const sampleRate = 8000;
  const model = smallFiles(smallModel());

  test("of a source that pauses gives what is heard before it goes on, and tells how far it is", async () => {
    await using pipeline = await createPipeline(frames, { model, backends: [reference] });
    const samples = sound(3);
    const { latencySeconds } = createSpeechStream(smallModel(), { sampleRate, blockSeconds: 0.2 });
    let given = 0;
    let seconds = 0;
    async function* source(): AsyncGenerator<Float32Array> {
      for (const chunk of chunksOf(samples, [800])) {
        yield chunk;
        given += chunk.length / sampleRate;
        for (let wait = 0; wait < 100 && seconds < given - latencySeconds - 0.04; wait += 1) {
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        expect(seconds).toBeGreaterThanOrEqual(given - latencySeconds - 0.04);
      }
    }
    const onProgress = (to: number): void => {
      expect(to).toBeGreaterThan(seconds);
      seconds = to;
    };
    let positions = 0;
    const options = { model, sampleRate, blockSeconds: 0.2, onProgress };
    for await (const { labels } of streamFrames(pipeline, source(), options)) positions += labels.length;
    expect(positions).toBe(75);
    expect(seconds).toBeGreaterThan(2.9);
  });

  test("ends with the signal's reason, and closes its source", async () => {
    await using pipeline = await createPipeline(frames, { model, backends: [reference], maxPositionsPerBatch: 60 });
    const controller = new AbortController();
    const reason = new Error("enough");
    let isClosed = false;
    async function* endless(): AsyncGenerator<Float32Array> {
      try {
        for (;;) yield sound(0.5);
      } finally {
        isClosed = true;
      }
    }
    let updates = 0;
    const { signal } = controller;
    await expect(async () => {
      for await (const _ of streamFrames(pipeline, endless(), { model, sampleRate, signal })) {
        updates += 1;
        if (updates === 3) controller.abort(reason);
      }
    }).rejects.toBe(reason);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isClosed).toBe(true);
  });

  test("keeps no more sound than a block and what its positions see", () => {
    const stream = createSpeechStream(smallModel(), { sampleRate, blockSeconds: 0.4 });
    let longest = 0;
    let kept = 0;
    for (let seconds = 0; seconds < 100; seconds += 1) {
      for (const { samples, excerpt } of stream.push(sound(1))) {
        longest = Math.max(longest, samples.length / sampleRate);
        kept += excerpt.keep.to - excerpt.keep.from;
      }
    }
    for (const { excerpt } of stream.finish()) kept += excerpt.keep.to - excerpt.keep.from;
    expect(kept).toBe(2500);
    expect(longest).toBeLessThan(0.4 + 15 * 0.04 + 0.1);
  });

  test("says how long an answer takes: the window, the look-ahead of all layers, and the block", () => {
    const { lookAheadSeconds, latencySeconds } = createSpeechStream(smallModel(), { sampleRate, blockSeconds: 0.4 });
    // Six positions of 40 ms, two layers of two and one of the convolution; three frames of the stem, the last of 25 ms;
    // from the middle of the stem's frames, 7.5 ms before the first.
    expect(lookAheadSeconds).toBeCloseTo(6 * 0.04 + 0.03 + 0.025 + 0.0075, 9);
    expect(latencySeconds).toBeCloseTo(lookAheadSeconds + 9 * 0.04, 9);
    expect(createSpeechStream(smallModel(), { sampleRate: 16_000 }).lookAheadSeconds).toBeGreaterThan(lookAheadSeconds);
  });

  test.each([
    [{ normalization: "utterance" } as const, /normalization must be fixed or "none", it is "utterance"/],
    [{ pattern: { kind: "full" } } as const, /pattern must be a window/],
    [{ pattern: { kind: "window", left: -1, right: 2 } } as const, /pattern must be a window/],
    [{ encoder: { positions: { kind: "learned", count: 64 } } } as const, /learned/],
  ])("of a model with %j is refused", async (options, rule) => {
    const config = smallModel(options);
    expect(() => createSpeechStream(config, { sampleRate })).toThrow(ModelMismatchError);
    expect(() => createSpeechStream(config, { sampleRate })).toThrow(rule);
    const files = smallFiles(config);
    await using pipeline = await createPipeline(frames, { model: files, backends: [reference] });
    const stream = streamFrames(pipeline, later([sound(1)]), { model: files, sampleRate });
    await expect(stream.next()).rejects.toThrow(rule);
  });

  test("refuses samples that are none, and goes on with nothing after its end", () => {
    const stream = createSpeechStream(smallModel(), { sampleRate });
    expect(() => stream.push(Float32Array.of(Number.NaN))).toThrow(RangeError);
    expect(() => stream.push([1] as unknown as Float32Array)).toThrow(TypeError);
    expect(stream.finish().length).toBe(1);
    expect(() => stream.push(sound(1))).toThrow(/finished/);
    expect(() => createSpeechStream(smallModel(), { sampleRate: 0 })).toThrow(RangeError);
    expect(() => createSpeechStream(smallModel(), { sampleRate, blockSeconds: 0 })).toThrow(RangeError);
  });
});
