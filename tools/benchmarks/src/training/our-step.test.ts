import { createReferenceTrainingBackend } from "@saccade/attention-core/reference";
import { createWasmTrainingBackend } from "@saccade/attention-core/wasm-training";
import { describe, expect, it } from "vitest";
import { relativeError } from "../error.ts";
import { chooseSentences, drawBatch, sampleGradients, taggerWeights, weightsOfSentences } from "./encoder-problem.ts";
import { ourSteps } from "./our-step.ts";
import { sentenceLengths } from "./sentence-lengths.ts";

describe("ourSteps()", () => {
  it("gives, where some sentences count, the gradients of these alone", async () => {
    const batch = drawBatch(Int32Array.of(4, 1, 6, 3), 1);
    const weights = taggerWeights(1);
    const chosen = [1, 3];
    const reference = ourSteps(createReferenceTrainingBackend(), weights, chooseSentences(batch, chosen));
    const expected = sampleGradients(await reference.gradients());
    await reference.dispose();
    const wasm = ourSteps(await createWasmTrainingBackend(), weights, batch);
    const output = await wasm.gradients(weightsOfSentences(batch, chosen));
    const one = { library: "x", name: "x", run: async () => output, dispose: async () => {} };
    expect(relativeError(one, output, expected)).toBeLessThan(1e-5);
    await wasm.gradients();
    expect(relativeError(one, output, expected)).toBeGreaterThan(0.1);
    await wasm.dispose();
  });
});

describe("sentenceLengths()", () => {
  it("gives 128 sentences of 2,078 words, in an order of the seed", () => {
    const lengths = sentenceLengths(1);
    expect([lengths.length, lengths.reduce((sum, length) => sum + length, 0), Math.max(...lengths)]).toEqual([
      128, 2078, 68,
    ]);
    expect([...sentenceLengths(1)]).toEqual([...lengths]);
    expect([...sentenceLengths(2)]).not.toEqual([...lengths]);
    expect(sentenceLengths(2).toSorted()).toEqual(lengths.toSorted());
  });
});

describe("sampleGradients()", () => {
  it("samples every weight, and judges a weight with its bias", () => {
    const { rows, groups } = sampleGradients(new Float32Array(4_000_000));
    expect(new Set(rows).size).toBe(rows.length);
    // Six maps and two norms in each of four layers, the last norm, the head.
    expect(new Set(groups).size).toBe(4 * 8 + 2);
  });
});
