// The lecture's own example, on the weights that are shipped: a saw is seen, and attention tells which is which.

import { createReferenceBackend } from "@saccade/attention-core/reference";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { openModel, type ModelSource } from "@saccade/model-files";
import { createPipeline, type OpenBackend } from "@saccade/pipeline";
import { type TaggedText, upos } from "@saccade/text-tokens";
import { uposModel } from "@saccade/text-tokens/models/upos";
import { uposWordsAloneModel } from "@saccade/text-tokens/models/upos-words-alone";
import { describe, expect, test } from "vitest";

const sentence = "I saw a saw";

interface Run {
  readonly tagged: TaggedText;
  /** Logits [P, L]. */
  readonly scores: readonly Float32Array[];
  /** The model's configuration. */
  readonly config: {
    readonly pattern: unknown;
    readonly model: { readonly encoder: { readonly convolution: unknown } };
  };
}

/** Tags `text`, and keeps the scores that the tags are made of: those that reach the task's `decode`. */
async function tag(source: ModelSource, text: string, backend: OpenBackend): Promise<Run> {
  const model = await openModel(source);
  let scores: Float32Array[] = [];
  const listening: typeof upos = {
    ...upos,
    async open(files, settings, signal) {
      const processor = await upos.open(files, settings, signal);
      return {
        ...processor,
        decode(made, inputs, features) {
          const { values, labels } = made;
          scores = Array.from({ length: values.length / labels }, (_, row) =>
            values.slice(row * labels, (row + 1) * labels),
          );
          return processor.decode(made, inputs, features);
        },
      };
    },
  };
  await using pipeline = await createPipeline(listening, { model, backends: [backend] });
  const [tagged] = await pipeline.run([text]);
  return { tagged: tagged!, scores, config: model.config as unknown as Run["config"] };
}

const bitsOf = (values: Float32Array): Int32Array => new Int32Array(values.slice().buffer);
const tagsOf = ({ tagged }: Run): string[] => tagged.tokens.map((token) => token.tag);

const backends: readonly (readonly [string, OpenBackend])[] = [
  ["wasm", () => createWasmBackend({ threads: 1 })],
  ["reference", async () => createReferenceBackend()],
];

describe.each(backends)("the models that are shipped, on %s:", (_, backend) => {
  test("text/upos says PRON VERB DET NOUN, and its scores of both words differ", async () => {
    const run = await tag(uposModel, sentence, backend);
    expect(tagsOf(run)).toEqual(["PRON", "VERB", "DET", "NOUN"]);
    expect(bitsOf(run.scores[1]!)).not.toEqual(bitsOf(run.scores[3]!));
  });

  test("text/upos without attention cannot: its scores of both words are the same bits", async () => {
    const run = await tag(uposWordsAloneModel, sentence, backend);
    // Each word sees itself: this is what "without attention" means, and why it holds for every sentence.
    expect(run.config.pattern).toEqual({ kind: "window", left: 0, right: 0 });
    expect(run.config.model.encoder.convolution).toMatchObject({ left: 0, right: 0 });
    expect(bitsOf(run.scores[1]!)).toEqual(bitsOf(run.scores[3]!));
    const tags = tagsOf(run);
    expect(tags[1]).toBe(tags[3]);
    expect(run.tagged.tokens[1]!.score).toBe(run.tagged.tokens[3]!.score);
  });

  test("without attention a word has the same scores wherever it stands", async () => {
    const one = await tag(uposWordsAloneModel, "saw", backend);
    const many = await tag(uposWordsAloneModel, "We saw the old saw by the river.", backend);
    const rows = many.tagged.tokens.flatMap(({ text }, row) => (text === "saw" ? [row] : []));
    expect(rows).toEqual([1, 4]);
    for (const row of rows) expect(bitsOf(many.scores[row]!)).toEqual(bitsOf(one.scores[0]!));
  });
});
