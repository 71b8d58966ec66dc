// The ONNX cases reach the tests as text, handed over by Vitest: a browser cannot read a folder beside the repository.

import type { TestProjectInlineConfiguration } from "vitest/config";
import { preset } from "../../vitest.shared.ts";
import { sharedCaseTexts } from "./src/cli/case-files.ts";

const { texts, reason } = sharedCaseTexts();
const config = await preset({ gpu: true });
for (const project of (config.test?.projects ?? []) as TestProjectInlineConfiguration[]) {
  project.test = { ...project.test, provide: { onnxCases: texts, whyNoOnnxCases: reason } };
}

export default config;
