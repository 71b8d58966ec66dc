import { createReferenceTrainingBackend } from "@saccade/attention-core/reference";
import { afterAll, beforeAll, describe, test } from "vitest";
import { describeTrainingBackend } from "../src/index.ts";

describeTrainingBackend(
  "reference",
  createReferenceTrainingBackend,
  { describe, test, beforeAll, afterAll },
  { bitwise: true },
);
