import { createReferenceBackend } from "@saccade/attention-core/reference";
import { afterAll, beforeAll, describe, test } from "vitest";
import { describeBackend } from "../src/index.ts";
import { providedCases } from "./onnx-cases.ts";

describeBackend(
  "reference",
  createReferenceBackend,
  { describe, test, beforeAll, afterAll },
  { bitwise: true, onnx: providedCases() },
);
