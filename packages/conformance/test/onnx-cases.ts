// The ONNX cases as the configuration of the tests provides them; a note where there are none.

import { inject } from "vitest";
import { type OnnxCase, parseOnnxCases } from "../src/onnx/onnx-case.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The text of each group's cases.json; empty where the shared cases are not. */
    onnxCases: Readonly<Record<string, string>>;
    whyNoOnnxCases: string;
  }
}

/** The cases by group. */
export function providedCases(): Readonly<Record<string, readonly OnnxCase[]>> {
  const reason = inject("whyNoOnnxCases");
  if (reason !== "") console.warn(`Skipped: ${reason}`);
  return Object.fromEntries(Object.entries(inject("onnxCases")).map(([group, text]) => [group, parseOnnxCases(text)]));
}
