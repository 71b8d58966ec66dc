import { createWasmTrainingBackend } from "@saccade/attention-core/wasm-training";
import { afterAll, beforeAll, describe, test } from "vitest";
import { describeTrainingBackend } from "../src/index.ts";

// On a page that is not isolated two threads come down to one.
for (const threads of [1, 2]) {
  for (const simd of ["plain", "auto"] as const) {
    describeTrainingBackend(
      `wasm training, ${threads === 1 ? "one thread" : "two threads"}, ${simd} SIMD`,
      () => createWasmTrainingBackend({ threads, simd }),
      { describe, test, beforeAll, afterAll },
      { bitwise: true },
    );
  }
}
