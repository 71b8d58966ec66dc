// A case that was run, whichever kind it is, and how it is printed.

import type { Backend } from "@saccade/attention-core";
import { runBackendCase } from "../backend-case.ts";
import { backendCases } from "../backend-cases.ts";
import { tolerance } from "../check/compare.ts";
import type { OnnxCase } from "../onnx/onnx-case.ts";
import { runOnnxCase } from "../onnx/run-onnx-case.ts";
import { shareBackend } from "../shared-backend.ts";
import type { NamedBackend } from "./backends.ts";
import { CliError } from "./cli-error.ts";

/** One case on one backend. */
export interface Outcome {
  readonly group: string;
  readonly case: string;
  readonly backend: string;
  readonly status: "pass" | "fail" | "n/a";
  readonly error: number | null;
  readonly tolerance: number | null;
  readonly reason: string;
}

/** What a backend that is held by tests of its own must find in a case: that it passes, or that it does not apply. */
export function promisedOutcome(group: string, name: string, backend: string, whyNot: string | null): Outcome {
  const status = whyNot === null ? "pass" : "n/a";
  return { group, case: name, backend, status, error: null, tolerance: null, reason: whyNot ?? "" };
}

/** Runs ONNX cases one after another. */
export async function* runOnnxCases(
  group: string,
  cases: readonly OnnxCase[],
  named: NamedBackend,
): AsyncGenerator<Outcome> {
  const shared = shareBackend(() => openBackend(named));
  try {
    for (const each of cases) yield { group, backend: named.name, ...(await runOnnxCase(each, await shared.get())) };
  } finally {
    await shared.close();
  }
}

/** Runs our own cases one after another. */
export async function* runOwnCases(named: NamedBackend): AsyncGenerator<Outcome> {
  const shared = shareBackend(() => openBackend(named));
  const promises = { bitwise: named.bitwise };
  try {
    for (const each of backendCases()) {
      const { status, error, reason } = await runBackendCase(each, await shared.get(), named.open, promises);
      const compared = status === "n/a" ? { error: null, tolerance: null } : { error, tolerance };
      yield { group: each.group, case: each.name, backend: named.name, status, reason, ...compared };
    }
  } finally {
    await shared.close();
  }
}

/** Opens a backend. Throws `CliError` where it cannot run here. */
export async function openBackend(named: NamedBackend): Promise<Backend> {
  try {
    return await named.open();
  } catch (error) {
    if (error instanceof CliError) throw error;
    const { reasons } = error as { readonly reasons?: readonly string[] };
    const why = reasons === undefined ? (error as Error).message : reasons.join("; ");
    throw new CliError(`Cannot open backend "${named.name}": ${why}`, { cause: error });
  }
}

/** As one line of text: status, case, error, reason. */
export function formatOutcome(outcome: Outcome, nameWidth = 0): string {
  const error = outcome.error === null ? "-" : outcome.error.toExponential(1);
  return [outcome.status.padEnd(4), outcome.case.padEnd(nameWidth), error.padEnd(8), outcome.reason]
    .join("  ")
    .trimEnd();
}

/** As one line of JSON; an infinite error is a string, as in the files of cases. */
export function outcomeToJson({ case: name, backend, status, error, tolerance: limit, reason }: Outcome): string {
  const shown = error === null || Number.isFinite(error) ? error : String(error);
  return JSON.stringify({ case: name, backend, status, error: shown, tolerance: limit, reason });
}
