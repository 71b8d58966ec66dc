// The conformance suite, run here and now over one backend and counted by suite.

import { asyncDispose, type Backend } from "@saccade/attention-core";
import { backendCases, type OnnxCase, runBackendCase, runOnnxCase } from "@saccade/conformance";

/** What came of the cases of one suite. */
export interface SuiteOutcome {
  readonly suite: string;
  readonly passed: number;
  /** Name and reason of each. */
  readonly failed: readonly string[];
  readonly notApplicable: number;
}

/** What is run over which backend. */
export interface SuiteRun {
  readonly open: () => Promise<Backend>;
  /** ONNX cases by the title of their suite. */
  readonly onnx: ReadonlyMap<string, readonly OnnxCase[]>;
  readonly signal: AbortSignal;
  /** Called before each case. */
  readonly onCase: (done: number, total: number) => void;
}

interface Job {
  readonly suite: string;
  readonly name: string;
  readonly run: (backend: Backend) => Promise<{ readonly status: "pass" | "fail" | "n/a"; readonly reason: string }>;
}

/** Runs every case; one that fails does not stop the others. Rejects with the reason of `signal` when it aborts. */
export async function runSuites({ open, onnx, signal, onCase }: SuiteRun): Promise<SuiteOutcome[]> {
  const jobs = [...ownJobs(open), ...onnxJobs(onnx)];
  const outcomes = new Map<string, { passed: number; failed: string[]; notApplicable: number }>();
  let backend = await open();
  let lost = false;
  const watch = (opened: Backend): void => {
    void opened.lost.then(() => {
      lost = true;
    });
  };
  watch(backend);
  try {
    for (const [done, { suite, name, run }] of jobs.entries()) {
      onCase(done, jobs.length);
      const outcome = outcomes.get(suite) ?? { passed: 0, failed: [], notApplicable: 0 };
      outcomes.set(suite, outcome);
      const { status, reason } = await run(backend);
      if (status === "pass") outcome.passed += 1;
      else if (status === "n/a") outcome.notApplicable += 1;
      else outcome.failed.push(`${name}: ${reason}`);
      await nextTurn();
      signal.throwIfAborted();
      if (!lost) continue;
      // What the lost one does at its end does not matter any more.
      await backend[asyncDispose]().then(null, () => {});
      backend = await open();
      lost = false;
      watch(backend);
    }
  } finally {
    await backend[asyncDispose]().then(null, () => {});
  }
  return [...outcomes].map(([suite, outcome]) => ({ suite, ...outcome }));
}

function ownJobs(open: () => Promise<Backend>): Job[] {
  return backendCases().map((each) => ({
    // The many small groups of row operations are one suite here.
    suite: each.group.startsWith("rows:") ? "row operations" : each.group,
    name: each.name,
    run: (backend) => runBackendCase(each, backend, open, { bitwise: true }),
  }));
}

function onnxJobs(onnx: ReadonlyMap<string, readonly OnnxCase[]>): Job[] {
  return [...onnx].flatMap(([suite, cases]) =>
    cases.map((each) => ({ suite, name: each.case, run: (backend: Backend) => runOnnxCase(each, backend) })),
  );
}

/** Lets the event loop have its turn, so that a signal can abort. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
