// The suite for plugins over two that are right, and over broken ones, which it must tell.

import type { ModelConfig } from "@saccade/attention-core";
import { ModelMismatchError } from "@saccade/attention-core";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import type { Modality } from "@saccade/pipeline";
import { describe, expect, test } from "vitest";
import { filesOf, letterModel, letters, type LetterSettings, wordModel, words } from "../../pipeline/test/letters.ts";
import { describeModality, modalityCases, type ModalityTrial, runModalityCase } from "../src/index.ts";
import { modalityMutants } from "./modality-mutants.ts";

const inputs = ["abc", "", "hgfedcbahgfedcba", "a", "saccade"];
const refused = ["NO!", 5, null, undefined, { text: "abc" }];
const trialOf = (model: ModelConfig): ModalityTrial<string, LetterSettings> => ({
  model: () => filesOf(model),
  inputs,
  refused,
});

describeModality(letters, trialOf(letterModel), { describe, test });
describeModality(words, trialOf(wordModel), { describe, test });
describeModality(words, { model: () => filesOf(wordModel), inputs, backend: createWasmBackend }, { describe, test });

describe("a modality that", () => {
  for (const [fault, { group, modality }] of Object.entries(modalityMutants)) {
    test(`${fault} fails a case of "${group}"`, async () => {
      const failures: string[] = [];
      for (const each of modalityCases().filter((one) => one.group === group)) {
        await runModalityCase(
          each,
          modality as Modality<string, number[][], "position-labels", LetterSettings>,
          trialOf(letterModel),
        ).catch((error: unknown) => failures.push(String(error)));
      }
      expect(failures.length).toBeGreaterThan(0);
    });
  }
});

test("the letters of the tests refuse what is no configuration of theirs", async () => {
  await expect(letters.open({ ...filesOf(letterModel), config: {} }, letters.settings)).rejects.toThrow(
    ModelMismatchError,
  );
});
