// The shipped tasks, with their shipped models, against the contract of a modality.

import { createWasmBackend } from "@saccade/attention-core/wasm";
import { describeModality } from "@saccade/conformance";
import { openModel } from "@saccade/model-files";
import { upos } from "@saccade/text-tokens";
import { uposModel } from "@saccade/text-tokens/models/upos";
import { describe, test } from "vitest";

/** Texts, words, nothing, and a sentence that is cut into windows. */
const inputs = [
  "I saw a saw",
  "",
  "They can fish. Don't!\n\nSee http://x.org.",
  "a ".repeat(700),
  ["I", "saw"],
  "😀 naïve",
];
const refused = [5, null, undefined, {}, [3]];

describeModality(
  upos,
  { model: () => openModel(uposModel), inputs, refused, backend: createWasmBackend },
  { describe, test },
);
