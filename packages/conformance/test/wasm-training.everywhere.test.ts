import { createWasmTrainingBackend } from "@saccade/attention-core/wasm-training";
import { afterAll, beforeAll, describe, test } from "vitest";
import { describeTrainingBackend } from "../src/index.ts";

// On a page that is not isolated two threads come down to one.
for (const threads of [1, 2]) {
  describeTrainingBackend(
    `wasm training, ${threads === 1 ? "one thread" : "two threads"}`,
    () => createWasmTrainingBackend({ threads }),
    { describe, test, beforeAll, afterAll },
    { bitwise: true },
  );
}
