// The counts that one test run leaves in its report file, and how those of many runs add up.

/** A test that did not run, and why, as its author put it; no reason where the name tells. */
export interface SkippedTest {
  /** Where it would have run: `node`, `chromium`. */
  readonly project: string;
  readonly name: string;
  readonly reason: string;
}

/** What one run of Vitest counted. `finished` is false until the run has ended. */
export interface TestCounts {
  readonly finished: boolean;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly SkippedTest[];
}

/** What became of one task: how many checks of it passed and failed, and a remark for the reader. */
export interface TaskOutcome {
  readonly task: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly SkippedTest[];
  readonly remark: string;
}

/**
 * The outcome of a task that ran tests. `status` is its exit status, undefined if it never ran; `counts` is its
 * report, undefined if there is none. A task that failed counts at least one failure, whatever its report says: a
 * file that cannot be imported fails no test.
 */
export function testOutcome(task: string, status: number | undefined, counts: TestCounts | undefined): TaskOutcome {
  if (status === undefined) return notRun(task);
  const { passed, failed, skipped } = counts ?? { passed: 0, failed: 0, skipped: [] };
  if (counts?.finished !== true) {
    return { task, passed, failed: Math.max(failed, 1), skipped, remark: "ended without a complete report" };
  }
  if (status !== 0 && failed === 0) return { task, passed, failed: 1, skipped, remark: `exit status ${status}` };
  return { task, passed, failed, skipped, remark: "" };
}

/** The outcome of a task that is one check: it counts one, passed or failed. */
export function checkOutcome(task: string, status: number | undefined): TaskOutcome {
  if (status === undefined) return notRun(task);
  if (status !== 0) return { task, passed: 0, failed: 1, skipped: [], remark: `exit status ${status}` };
  return { task, passed: 1, failed: 0, skipped: [], remark: "" };
}

function notRun(task: string): TaskOutcome {
  return { task, passed: 0, failed: 1, skipped: [], remark: "did not run: something it depends on failed" };
}

/** The table and the closing line, which is the last one: `N passed, N failed`. */
export function formatOutcomes(outcomes: readonly TaskOutcome[]): string {
  const lines: string[] = [];
  const skipped = groupSkipped(outcomes);
  if (skipped.size > 0) {
    lines.push("Skipped:");
    for (const [test, runs] of skipped) lines.push(`  ${test}  [${runs.join(", ")}]`);
    lines.push("");
  }
  const width = Math.max(4, ...outcomes.map(({ task }) => task.length));
  lines.push(`${"task".padEnd(width)}  passed  failed  skipped`);
  for (const { task, passed, failed, skipped: tests, remark } of outcomes) {
    const numbers = `${String(passed).padStart(6)}  ${String(failed).padStart(6)}  ${String(tests.length).padStart(7)}`;
    lines.push(`${task.padEnd(width)}  ${numbers}${remark === "" ? "" : `  ${remark}`}`);
  }
  lines.push("", `${sum(outcomes, "passed")} passed, ${sum(outcomes, "failed")} failed`);
  return lines.join("\n");
}

/** The sum of one column. */
export function sum(outcomes: readonly TaskOutcome[], column: "passed" | "failed"): number {
  return outcomes.reduce((total, outcome) => total + outcome[column], 0);
}

/** Each skipped test once, with the runs that skipped it. */
function groupSkipped(outcomes: readonly TaskOutcome[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { task, skipped } of outcomes) {
    const owner = task.slice(0, task.lastIndexOf(":"));
    for (const { project, name, reason } of skipped) {
      const test = `${owner} ${name}${reason === "" ? "" : `: ${reason}`}`;
      groups.set(test, [...(groups.get(test) ?? []), project]);
    }
  }
  return groups;
}
