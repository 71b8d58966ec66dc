// Tasks over a small model with drawn weights, through the pipeline on the reference backend.

import { createPipeline, InputError, type LabelHead, type Modality } from "@saccade/pipeline";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  digits,
  digitStrings,
  frames,
  resample,
  searchCtc,
  speaker,
  speechFeatures,
  type SpeechModelConfig,
  logMel,
} from "../src/index.ts";
import { reference, smallFiles, type SmallModelOptions, smallModel, sound } from "./small-model.ts";

async function run<Input, Output, H extends LabelHead, Settings extends object>(
  task: Modality<Input, Output, H, Settings>,
  options: SmallModelOptions,
  inputs: readonly Input[],
  settings: Partial<Settings> = {},
): Promise<Output[]> {
  const model = smallFiles(smallModel(options));
  await using pipeline = await createPipeline(task, { model, settings, backends: [reference] });
  return await pipeline.run(inputs);
}

const sampleRate = 8000;

describe.each([digits, speaker])("$name", (task) => {
  const options: SmallModelOptions = { head: "set-label", labels: ["ada", "bob", "cleo"], normalization: "utterance" };

  test("gives each recording the most probable label, and all probabilities", async () => {
    const inputs = [0.3, 0, 0.01, 1.2].map((seconds) => ({ samples: sound(seconds), sampleRate }));
    const outputs = await run(task, options, inputs);
    expect(outputs.length).toBe(4);
    for (const { label, score, labels } of outputs) {
      expect(labels.map((each) => each.label)).toEqual(options.labels);
      expect(labels.reduce((sum, each) => sum + each.score, 0)).toBeCloseTo(1, 6);
      expect(score).toBe(Math.max(...labels.map((each) => each.score)));
      expect(labels.find((each) => each.label === label)!.score).toBe(score);
    }
  });

  test("hears a recording at any rate as at the model's", async () => {
    const samples = sound(1, 48_000);
    const [own, other] = await run(task, options, [
      { samples: resample(samples, 48_000, 8000), sampleRate },
      { samples, sampleRate: 48_000 },
    ]);
    expect(other).toEqual(own);
  });

  test.each([
    [sound(1), /must say its sample rate/],
    [{ samples: Float32Array.of(Infinity), sampleRate }, /must be finite/],
    [{ samples: sound(1), sampleRate: Number.NaN }, /sampleRate/],
    [undefined, /samples in a Float32Array/],
  ])("refuses other inputs", async (input, rule) => {
    await expect(run(task, options, [input as never])).rejects.toThrow(InputError);
    await expect(run(task, options, [input as never])).rejects.toThrow(rule);
  });
});

describe("frames", () => {
  test("labels each position, and groups them without gaps from beginning to end", async () => {
    const samples = sound(2);
    const [output] = await run(frames, {}, [{ samples, sampleRate }]);
    const { labels, scores, segments, firstSeconds, stepSeconds } = output!;
    expect(labels.length).toBe(50);
    expect(scores.length).toBe(50);
    // The second convolution of the stem sees three rows before and one after: half a row of 20 ms earlier, twice.
    expect(firstSeconds).toBeCloseTo(0.0125 - 0.02, 9);
    expect(stepSeconds).toBeCloseTo(0.04, 9);
    expect(segments.length).toBeGreaterThan(2);
    expect([segments[0]!.start, segments.at(-1)!.end]).toEqual([0, 2]);
    labels.forEach((label, p) => {
      const middle = Math.max(0, firstSeconds + p * stepSeconds);
      expect(segments.find(({ start, end }) => start <= middle && middle < end)!.label).toBe(label);
    });
  });

  test("gives a long recording in parts what it gives it in one", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.double({ min: 0, max: 3, noNaN: true }),
        fc.integer({ min: 1, max: 40 }),
        fc.nat(1000),
        async (seconds, longest, seed) => {
          const inputs = [{ samples: sound(seconds, sampleRate, seed), sampleRate }];
          const [parts] = await run(frames, {}, inputs, { longest });
          const [whole] = await run(frames, {}, inputs, { longest: 100_000 });
          expect(parts).toEqual(whole);
        },
      ),
      { numRuns: 15 },
    );
  });

  test("hears what must be heard as a whole in one set, however long", async () => {
    const options: SmallModelOptions = { normalization: "utterance" };
    const inputs = [{ samples: sound(2), sampleRate }];
    expect(await run(frames, options, inputs, { longest: 7 })).toEqual(await run(frames, options, inputs));
  });

  test.each([
    [{ firstFrame: 0, isLast: false, keep: { from: 0, to: 0 } }, /one that a speech stream made/],
    [{ firstFrame: 0.5, isLast: false, keep: { from: 0, to: 1 } }, /one that a speech stream made/],
    [{ firstFrame: 0, isLast: 1, keep: { from: 0, to: 1 } }, /one that a speech stream made/],
    [null, /one that a speech stream made/],
    [{ firstFrame: 0, isLast: false, keep: { from: 0, to: 25 } }, /must hold frames 0 to 12\d for/],
    [{ firstFrame: 9, isLast: true, keep: { from: 0, to: 1 } }, /must hold frames 0 to/],
    [{ firstFrame: 0, isLast: true, keep: { from: 20, to: 26 } }, /for positions 20 to 26/],
  ])("refuses the excerpt %j", async (excerpt, rule) => {
    const input = { samples: sound(1), sampleRate, excerpt };
    await expect(run(frames, {}, [input as never])).rejects.toThrow(rule);
  });

  test("refuses an excerpt at another rate, and of a model that hears clips as a whole", async () => {
    const excerpt = { firstFrame: 0, isLast: true, keep: { from: 0, to: 1 } };
    const other = { samples: sound(1), sampleRate: 16_000, excerpt };
    await expect(run(frames, {}, [other])).rejects.toThrow(/must be the model's 8000, it is 16000/);
    const input = { samples: sound(1), sampleRate, excerpt };
    await expect(run(frames, { pattern: { kind: "full" } }, [input])).rejects.toThrow(/pattern must be a window/);
  });
});

describe("digitStrings", () => {
  test("reads what its search finds among the probabilities of the positions", async () => {
    const samples = sound(1.5);
    const excerpt = { firstFrame: 0, isLast: true, keep: { from: 0, to: 37 } };
    const inputs = [
      { samples, sampleRate },
      { samples, sampleRate, excerpt },
    ];
    for (const settings of [
      { search: "greedy", beams: 1 },
      { search: "beam", beams: 8 },
    ] as const) {
      const [whole, part] = await run(digitStrings, {}, inputs, settings);
      const found = searchCtc(part!.logProbabilities!, 4, settings);
      expect(whole!.labels).toEqual(Array.from(found.labels, String));
      expect(whole!.text).toBe(whole!.labels.join(""));
      expect(whole!.logProbability).toBe(found.logProbability);
      expect(whole!.score).toBe(Math.exp(found.logProbability));
      expect(whole).not.toHaveProperty("logProbabilities");
    }
  });

  test("stands words apart", async () => {
    const [output] = await run(
      digitStrings,
      { labels: ["", "one", "two", "three"] },
      [{ samples: sound(2), sampleRate }],
      {
        search: "greedy",
      },
    );
    expect(output!.labels.length).toBeGreaterThan(1);
    expect(output!.text).toBe(output!.labels.join(" "));
  });

  test.each([
    [{ search: "best" }, /one of greedy, beam/],
    [{ beams: 0 }, /beams must be an integer from 1 to 1024/],
    [{ longest: 0 }, /longest must be an integer from 1/],
  ])("refuses settings %j", async (settings, rule) => {
    await expect(run(digitStrings, {}, [], settings as object)).rejects.toThrow(rule);
  });

  test("refuses a model with a blank alone", async () => {
    await expect(run(digitStrings, { labels: [""] }, [])).rejects.toThrow(/a blank and one or more, there are 1/);
  });
});

describe("a model", () => {
  const config = smallModel();
  const without = (field: keyof SpeechModelConfig): unknown => ({ ...config, [field]: undefined });
  test.each([
    ["nothing", null, /must be an object/],
    ["no frames", without("frames"), /frames/],
    ["no stem", without("stem"), /stem/],
    ["no labels", without("labels"), /labels/],
    ["no pattern", without("pattern"), /pattern/],
    ["no normalization", without("normalization"), /normalization/],
    ["another head", smallModel({ head: "set-label" }), /head must be "position-labels"/],
    ["fewer labels", { ...config, labels: ["a"] }, /as many as the head scores, 4; there are 1/],
    ["other bands", { ...config, frames: { ...config.frames, bands: 13 } }, /13/],
    ["a stem of one", { ...config, stem: config.stem.slice(1) }, /1 convolutions over 12 columns/],
    [
      "other taps",
      { ...config, stem: [{ ...config.stem[0]!, size: 4, right: 2 }, config.stem[1]!] },
      /taps 3, it is 4/,
    ],
    [
      "a stem that leaves short clips nothing",
      { ...config, stem: [{ size: 3, stride: 2, left: 0, right: 1 }, config.stem[1]!] },
      /left \+ right \+ 1/,
    ],
    [
      "a mean of other bands",
      { ...config, normalization: { mean: [1], scale: [1] } },
      /mean must be 12 finite numbers/,
    ],
    ["a window without sides", { ...config, pattern: { kind: "window" } }, /pattern/],
    ["another input", { ...config, model: { ...config.model, input: { kind: "values", width: 12 } } }, /it is values/],
    [
      "bands between frequencies",
      { ...config, frames: { ...config.frames, bands: 12, lowestHz: 60, highestHz: 70 } },
      /band 0 of 12/,
    ],
  ])("with %s is refused", async (_, value, rule) => {
    const files = { ...smallFiles(config), config: value };
    const opened = createPipeline(frames, { model: files, backends: [reference] });
    await expect(opened).rejects.toThrow(rule);
    await expect(opened).rejects.toMatchObject({ code: "model-mismatch" });
  });

  test("sees clips one after another as each alone", () => {
    const clips = [sound(0.5), sound(0), sound(0.2)].map((samples) => logMel(samples, config.frames));
    const together = speechFeatures(config, clips);
    const alone = clips.map((clip) => speechFeatures(config, [clip]));
    expect(Array.from(together.values)).toEqual(alone.flatMap(({ values }) => Array.from(values)));
    expect(Array.from(together.offsets)).toEqual([0, 12, 13, 18]);
    expect(together.convolutions!.map(({ length }) => length)).toEqual([(24 + 1 + 9) * 3, 18 * 5]);
    expect(() => speechFeatures(config, [new Float32Array(13)])).toThrow(/clip 0 must have one or more of 12/);
  });
});
