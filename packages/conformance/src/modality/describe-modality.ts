// The suite for plugins as tests, under whichever framework their author has.

import type { LabelHead, Modality } from "@saccade/pipeline";
import type { TestFramework } from "../describe-backend.ts";
import { featureCases } from "./feature-cases.ts";
import { type ModalityCase, type ModalityTrial, runModalityCase } from "./modality-case.ts";
import { openingCases } from "./opening-cases.ts";
import { outputCases } from "./output-cases.ts";
import { refusalCases } from "./refusal-cases.ts";

/** Every case, in the order of a reading of the contract. */
export function modalityCases(): ModalityCase[] {
  return [...openingCases(), ...featureCases(), ...outputCases(), ...refusalCases()];
}

/**
 * Describes every demand of the contract of a plugin as a test of `modality`, with the model and the inputs of `trial`.
 * Cases that the trial has nothing for are skipped, and say so.
 *
 * @example
 * import { describe, test } from "vitest";
 * describeModality(letters, { model: () => openModel(files), inputs: ["a", "bcd", "efghij"], refused: [5, "?"] }, { describe, test });
 */
export function describeModality<Input, Output, H extends LabelHead, Settings extends object>(
  modality: Modality<Input, Output, H, Settings>,
  trial: ModalityTrial<Input, Settings>,
  { describe, test }: Pick<TestFramework, "describe" | "test">,
): void {
  describe(`${modality.name} conforms to the contract of a modality`, () => {
    for (const each of modalityCases()) {
      const name = `${each.group}: ${each.name}`;
      if (each.requires === "refused" && (trial.refused ?? []).length === 0) {
        test.skip(`${name} (the trial has no values to refuse)`, async () => {});
        continue;
      }
      test(name, async () => runModalityCase(each, modality, trial));
    }
  });
}
