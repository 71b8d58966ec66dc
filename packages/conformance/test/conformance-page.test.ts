// The table in the repository's CONFORMANCE.md is what the suite finds today. What the WebGPU backend finds stands in
// `webgpu.everywhere.test.ts`, where each case is a test: here its column must only say that all of them pass.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { backendCases } from "../src/backend-cases.ts";
import { backendNames, findBackend } from "../src/cli/backends.ts";
import { findSharedCases, onnxGroups, readCaseFile, repositoryRoot } from "../src/cli/case-files.ts";
import { runEverything } from "../src/cli/cli.ts";
import { type Outcome, promisedOutcome } from "../src/cli/outcome.ts";
import { adaptersOf, formatTable } from "../src/cli/table.ts";
import { whyNotApplicable } from "../src/onnx/run-onnx-case.ts";

const page = join(repositoryRoot, "CONFORMANCE.md");
const held = "webgpu";

function promised(folder: string): Outcome[] {
  const onnx = onnxGroups.flatMap((group) =>
    readCaseFile(join(folder, group, "cases.json")).map((each) =>
      promisedOutcome(group, each.case, held, whyNotApplicable(each)),
    ),
  );
  return [...onnx, ...backendCases().map(({ group, name }) => promisedOutcome(group, name, held, null))];
}

test("CONFORMANCE.md says what the suite finds", async ({ skip }) => {
  const shared = findSharedCases();
  if (shared.folder === null) {
    console.warn(`Skipped: ${shared.reason}`);
    skip(shared.reason);
    return;
  }
  const run = backendNames.filter((name) => name !== held);
  const outcomes = [...(await runEverything(run.map(findBackend))), ...promised(shared.folder)];
  expect(outcomes.filter(({ status }) => status === "fail")).toEqual([]);
  expect(existsSync(page)).toBe(true);
  const text = readFileSync(page, "utf8");
  const adapters = adaptersOf(text, backendNames);
  expect(Object.keys(adapters)).toEqual([held]);
  expect(text).toBe(formatTable(outcomes, backendNames, onnxGroups, adapters));
});
