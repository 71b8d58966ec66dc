import { expect, test } from "vitest";
import { drawValues, drawWeights, smallEncoder } from "../../test/models.ts";
import { projectMemory } from "../decoder/decoder-cache.ts";
import { dispose } from "../disposal.ts";
import { applyLinear } from "../layers/linear.ts";
import { offsetsOf } from "../ragged.ts";
import { createReferenceBackend, type ReferenceBackend } from "../reference/index.ts";
import { uploadWeights } from "../weights.ts";
import { generate } from "./generate.ts";
import {
  checkGenerationConfig,
  decodeTokens,
  describeGenerationWeights,
  type GenerationConfig,
  type GenerationWeights,
  layoutGeneration,
  outputMap,
} from "./generation.ts";
import type { Memory } from "./stepper.ts";

const vocabulary = 7;
const plain: GenerationConfig = { vocabulary, decoder: { ...smallEncoder, rotary: {} } };
const crossed: GenerationConfig = {
  vocabulary,
  tied: true,
  decoder: { ...smallEncoder, memoryWidth: 5, positions: { kind: "sinusoidal" }, placement: "post" },
};

interface Model {
  readonly backend: ReferenceBackend;
  readonly weights: GenerationWeights;
  readonly memory?: Memory;
}

function open(config: GenerationConfig, sets: number, seed = 1): Model {
  const backend = createReferenceBackend();
  const weights = layoutGeneration(
    config,
    uploadWeights(backend, drawWeights(describeGenerationWeights(config), seed)).find,
  );
  const width = config.decoder.memoryWidth;
  if (width === undefined) return { backend, weights };
  const offsets = offsetsOf(Array.from({ length: sets }, (_, set) => set + 1));
  const total = offsets.at(-1) ?? 0;
  return { backend, weights, memory: { rows: backend.upload(drawValues(5, total * width), [total, width]), offsets } };
}

/** Log probabilities [V] of the token after `tokens` of one set, from the whole sequence without any cache. */
async function nextOf(
  config: GenerationConfig,
  model: Model,
  set: number,
  tokens: readonly number[],
): Promise<number[]> {
  const { backend, weights, memory } = model;
  const workspace = backend.workspace();
  const offsets = offsetsOf([tokens.length]);
  let context;
  if (memory) {
    const from = memory.offsets[set] ?? 0;
    const to = memory.offsets[set + 1] ?? 0;
    const width = config.decoder.memoryWidth ?? 0;
    const values = (await workspace.read(memory.rows)).subarray(from * width, to * width);
    const own = offsetsOf([to - from]);
    const rows = workspace.upload(values, [to - from, width]);
    const keysValues = projectMemory(workspace, config.decoder, weights.decoder, rows, own);
    context = { keysValues, plan: backend.plan(offsets, own, { kind: "full" }) };
  }
  const { rows } = await decodeTokens(backend, workspace, config, weights, Int32Array.from(tokens), offsets, {
    memory: context,
  });
  const scores = workspace.softmax(applyLinear(workspace, outputMap(workspace, weights), rows), { log: true });
  const values = await workspace.read(scores);
  workspace[dispose]();
  return [...values.subarray((tokens.length - 1) * vocabulary)];
}

const prompts = { tokens: Int32Array.of(1, 2, 3, 4), offsets: offsetsOf([1, 3]) };

test.each([
  ["decoder alone", plain],
  ["cross-attention, tied embedding", crossed],
])("generate() with a cache takes the tokens that whole sequences without one would give: %s", async (_, config) => {
  const model = open(config, 2);
  const found = await generate(model.backend, config, model.weights, prompts, { maxLength: 6, memory: model.memory });
  for (const [set, prompt] of [[1], [2, 3, 4]].entries()) {
    const tokens = [...prompt];
    for (let step = 0; step < 6; step += 1) {
      const scores = await nextOf(config, model, set, tokens);
      tokens.push(scores.indexOf(Math.max(...scores)));
    }
    expect([...(found[set]?.tokens ?? [])]).toEqual(tokens.slice(prompt.length));
  }
});

test("generate() ends a set at the stop token, the others go on", async () => {
  const model = open(crossed, 2);
  const options = { maxLength: 6, memory: model.memory };
  const endless = await generate(model.backend, crossed, model.weights, prompts, options);
  const stop = endless[0]?.tokens[2] ?? 0;
  const found = await generate(model.backend, crossed, model.weights, prompts, { ...options, stop });
  for (const [set, sequence] of found.entries()) {
    const whole = [...(endless[set]?.tokens ?? [])];
    const end = whole.indexOf(stop);
    expect([...sequence.tokens]).toEqual(end < 0 ? whole : whole.slice(0, end));
    expect(sequence.finished).toBe(end >= 0);
  }
});

test("generate() by beams scores a sequence as the model does", async () => {
  const model = open(crossed, 2);
  const options = { maxLength: 5, memory: model.memory, stop: 6, beams: 4 };
  const found = await generate(model.backend, crossed, model.weights, prompts, options);
  for (const [set, prompt] of [[1], [2, 3, 4]].entries()) {
    const sequence = found[set];
    const words = [...(sequence?.tokens ?? []), ...(sequence?.finished ? [6] : [])];
    let logProbability = 0;
    for (const [step, word] of words.entries()) {
      logProbability += (await nextOf(crossed, model, set, [...prompt, ...words.slice(0, step)]))[word] ?? 0;
    }
    expect(sequence?.logProbability).toBeCloseTo(logProbability, 4);
  }
});

test("generate() by beams as many as sequences finds the most probable one", async () => {
  const config: GenerationConfig = { ...plain, vocabulary: 3 };
  const backend = createReferenceBackend();
  const weights = layoutGeneration(
    config,
    uploadWeights(backend, drawWeights(describeGenerationWeights(config), 4)).find,
  );
  const prompt = { tokens: Int32Array.of(1), offsets: offsetsOf([1]) };
  const options = { maxLength: 3, stop: 0 };
  const [wide] = await generate(backend, config, weights, prompt, { ...options, beams: 16 });
  const sequences = [[], [1], [2], [1, 1], [1, 2], [2, 1], [2, 2]];
  const workspace = backend.workspace();
  const scored = await Promise.all(
    sequences.map(async (tokens) => {
      const all = Int32Array.from([1, ...tokens]);
      const decoded = await decodeTokens(backend, workspace, config, weights, all, offsetsOf([all.length]));
      const map = outputMap(workspace, weights);
      const scores = await workspace.read(workspace.softmax(applyLinear(workspace, map, decoded.rows), { log: true }));
      return [...tokens, 0].reduce((sum, token, at) => sum + (scores[at * 3 + token] ?? 0), 0);
    }),
  );
  const best = scored.indexOf(Math.max(...scored));
  expect([...(wide?.tokens ?? [])]).toEqual(sequences[best]);
  expect(wide?.logProbability).toBeCloseTo(Math.max(...scored), 5);
});

test("generate() leaves no tensor behind, whether it ends or is aborted", async () => {
  for (const config of [plain, crossed]) {
    const model = open(config, 2);
    const live = model.backend.liveTensors;
    await generate(model.backend, config, model.weights, prompts, { maxLength: 4, memory: model.memory, beams: 2 });
    expect(model.backend.liveTensors).toBe(live);
    const controller = new AbortController();
    const reason = new Error("enough");
    const generating = generate(model.backend, config, model.weights, prompts, {
      maxLength: 10,
      memory: model.memory,
      signal: controller.signal,
      onStep: ({ step }) => {
        if (step === 2) controller.abort(reason);
      },
    });
    await expect(generating).rejects.toBe(reason);
    expect(model.backend.liveTensors).toBe(live);
  }
});

test("generate() of no sets is empty", async () => {
  const model = open(plain, 0);
  const none = { tokens: new Int32Array(), offsets: Int32Array.of(0) };
  expect(await generate(model.backend, plain, model.weights, none, { maxLength: 3 })).toEqual([]);
  expect(await generate(model.backend, plain, model.weights, none, { maxLength: 3, beams: 2 })).toEqual([]);
});

test("generate() refuses options, prompts and memories that do not fit", async () => {
  const model = open(plain, 2);
  const run = async (options: object, changed: object = {}): Promise<unknown> =>
    generate(model.backend, plain, model.weights, { ...prompts, ...changed }, { maxLength: 3, ...options });
  await expect(run({ maxLength: 0 })).rejects.toThrow("maxLength must be an integer from 1");
  await expect(run({ stop: 7 })).rejects.toThrow("stop must be an integer from 0 to 6");
  await expect(run({ beams: 1.5 })).rejects.toThrow("beams must be an integer");
  await expect(run({ lengthPenalty: -1 })).rejects.toThrow("lengthPenalty must be a finite number >= 0");
  await expect(run({}, { offsets: offsetsOf([4, 0]) })).rejects.toThrow("prompt 1 has none");
  await expect(run({}, { offsets: offsetsOf([3]) })).rejects.toThrow("must end with 4");
  const memory = open(crossed, 2).memory;
  await expect(run({ memory })).rejects.toThrow("a memory must be given exactly where");
  const other = open(crossed, 3);
  await expect(
    generate(other.backend, crossed, other.weights, prompts, { maxLength: 3, memory: other.memory }),
  ).rejects.toThrow("a set for each of 2 prompts, it has 3");
});

test("checkGenerationConfig() looks at the decoder too", () => {
  expect(() => checkGenerationConfig({ ...plain, vocabulary: 0 })).toThrow("vocabulary");
  expect(() => checkGenerationConfig({ vocabulary, decoder: { ...plain.decoder, heads: 3 } })).toThrow(
    "generation.decoder: heads",
  );
});
