import { createWasmBackend } from "@saccade/attention-core/wasm";
import { afterAll, beforeAll, describe, test } from "vitest";
import { describeBackend } from "../src/index.ts";
import { providedCases } from "./onnx-cases.ts";

// On a page that is not isolated two threads come down to one.
for (const threads of [1, 2]) {
  describeBackend(
    `wasm, ${threads === 1 ? "one thread" : "two threads"}`,
    () => createWasmBackend({ threads }),
    { describe, test, beforeAll, afterAll },
    { bitwise: true, onnx: providedCases() },
  );
}
