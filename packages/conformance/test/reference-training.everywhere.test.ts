import { createReferenceTrainingBackend } from "@saccade/attention-core/reference";
import { afterAll, beforeAll, describe, test } from "vitest";
import { describeBackend, describeTrainingBackend } from "../src/index.ts";

const framework = { describe, test, beforeAll, afterAll };

describeTrainingBackend("reference", createReferenceTrainingBackend, framework, { bitwise: true });
// It has an attention of its own.
describeBackend("reference for training", createReferenceTrainingBackend, framework, { bitwise: true });
