// The suite for training as tests, under whichever framework the author of a backend has.

import type { TrainingBackend } from "@saccade/attention-core";
import { describeCases, type SuiteOptions, type TestFramework } from "../describe-backend.ts";
import { shareBackend } from "../shared-backend.ts";
import { trainingCases } from "./training-cases.ts";

/**
 * Describes what the contract asks of a training backend beyond `describeBackend`: every gradient against the reference
 * backend in float64, which is held against central differences. A case that does not apply is skipped, its name says why.
 *
 * @example
 * import { afterAll, beforeAll, describe, test } from "vitest";
 * describeTrainingBackend("reference", createReferenceTrainingBackend, { describe, test, beforeAll, afterAll });
 */
export function describeTrainingBackend(
  name: string,
  createBackend: () => TrainingBackend | Promise<TrainingBackend>,
  framework: TestFramework,
  options: Pick<SuiteOptions, "bitwise" | "omit"> = {},
): void {
  const { describe, beforeAll, afterAll } = framework;
  describe(`${name} conforms to the contract of a training backend`, () => {
    const shared = shareBackend(createBackend);
    beforeAll(async () => {
      await shared.get();
    });
    afterAll(shared.close);
    describeCases(trainingCases(), shared, createBackend, framework, options);
  });
}
