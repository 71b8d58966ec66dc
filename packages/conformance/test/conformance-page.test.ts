// The table in the repository's CONFORMANCE.md is what the suite finds today.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { backendNames, findBackend } from "../src/cli/backends.ts";
import { findSharedCases, onnxGroups, repositoryRoot } from "../src/cli/case-files.ts";
import { runEverything } from "../src/cli/cli.ts";
import { formatTable } from "../src/cli/table.ts";

const page = join(repositoryRoot, "CONFORMANCE.md");

test("CONFORMANCE.md says what the suite finds", async ({ skip }) => {
  const shared = findSharedCases();
  if (shared.folder === null) {
    console.warn(`Skipped: ${shared.reason}`);
    skip(shared.reason);
  }
  const outcomes = await runEverything(backendNames.map(findBackend));
  expect(outcomes.filter(({ status }) => status === "fail")).toEqual([]);
  expect(existsSync(page)).toBe(true);
  expect(readFileSync(page, "utf8")).toBe(formatTable(outcomes, backendNames, onnxGroups));
});
