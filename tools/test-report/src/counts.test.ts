import { expect, test } from "vitest";
import { checkOutcome, formatOutcomes, testOutcome, type TestCounts } from "./counts.ts";

const counts: TestCounts = {
  finished: true,
  passed: 5,
  failed: 0,
  skipped: [{ project: "node", name: "a", reason: "no GPU" }],
};

test("testOutcome() takes the numbers of the report when the task passed", () => {
  expect(testOutcome("core:test", 0, counts)).toMatchObject({ passed: 5, failed: 0, remark: "" });
});

test("testOutcome() counts a failure when the task failed but no test did", () => {
  expect(testOutcome("core:test", 1, counts)).toMatchObject({ passed: 5, failed: 1 });
});

test("testOutcome() counts a failure when the report is missing or was left unfinished", () => {
  expect(testOutcome("core:test", 0, undefined)).toMatchObject({ passed: 0, failed: 1 });
  expect(testOutcome("core:test", 0, { ...counts, finished: false })).toMatchObject({ failed: 1 });
});

test("testOutcome() and checkOutcome() count a failure when the task did not run", () => {
  expect(testOutcome("core:test", undefined, counts)).toMatchObject({ passed: 0, failed: 1 });
  expect(checkOutcome("core:build", undefined)).toMatchObject({ passed: 0, failed: 1 });
});

test("formatOutcomes() ends with the summed line and names what was skipped and why", () => {
  const browser: TestCounts = { ...counts, skipped: [{ project: "chromium", name: "a", reason: "no GPU" }] };
  const text = formatOutcomes([
    testOutcome("core:test", 0, counts),
    testOutcome("core:test-browser", 0, browser),
    checkOutcome("core:lint", 0),
    checkOutcome("core:build", 2),
  ]);
  expect(text.split("\n").at(-1)).toBe("11 passed, 1 failed");
  expect(text).toContain("core a: no GPU  [node, chromium]");
});
