// The conformance table: a row per suite, a column per backend.

import type { SuiteOutcome } from "../suites/run-suites.ts";
import type { Look } from "../terminal/look.ts";
import { table } from "../terminal/table.ts";
import { cutTo, printable } from "../terminal/text.ts";
import { count } from "./numbers.ts";

/** What the suites came to on a backend. */
export interface BackendOutcome {
  readonly backend: string;
  readonly outcomes: readonly SuiteOutcome[];
}

const mostFailures = 5;

/** The table, its sums, and the first failures. */
export function suitesView(backends: readonly BackendOutcome[], look: Look, columns: number): string[] {
  const suites = [...new Set(backends.flatMap(({ outcomes }) => outcomes.map(({ suite }) => suite)))];
  const rows = suites.map((suite) => [
    suite,
    ...backends.map(({ outcomes }) =>
      cell(
        outcomes.filter((outcome) => outcome.suite === suite),
        look,
      ),
    ),
  ]);
  const sums = ["all", ...backends.map(({ outcomes }) => cell(outcomes, look))];
  return [
    ...table(
      ["suite", ...backends.map(({ backend }) => backend)].map((title) => ({ title: look.faint(title) })),
      [...rows, sums],
    ),
    ...backends.flatMap(({ backend, outcomes }) => failures(backend, outcomes, look, columns)),
  ];
}

/** The number of cases that failed. */
export function failedCases(backends: readonly BackendOutcome[]): number {
  return backends.reduce(
    (sum, { outcomes }) => sum + outcomes.reduce((failed, outcome) => failed + outcome.failed.length, 0),
    0,
  );
}

function cell(outcomes: readonly SuiteOutcome[], look: Look): string {
  if (outcomes.length === 0) return "-";
  const sum = (of: (outcome: SuiteOutcome) => number): number => outcomes.reduce((total, each) => total + of(each), 0);
  const failed = sum((outcome) => outcome.failed.length);
  const notApplicable = sum((outcome) => outcome.notApplicable);
  return [
    look.good(`${count(sum((outcome) => outcome.passed))} passed`),
    ...(failed > 0 ? [look.bad(`${count(failed)} failed`)] : []),
    ...(notApplicable > 0 ? [`${count(notApplicable)} not applicable`] : []),
  ].join(", ");
}

function failures(backend: string, outcomes: readonly SuiteOutcome[], look: Look, columns: number): string[] {
  const failed = outcomes.flatMap((outcome) => outcome.failed.map((failure) => `${outcome.suite}: ${failure}`));
  const shown = failed
    .slice(0, mostFailures)
    .map((failure) => cutTo(printable(`${backend}: ${failure}`), columns, look.cut));
  const rest = failed.length - shown.length;
  return [
    ...(shown.length > 0 ? [""] : []),
    ...shown.map(look.bad),
    ...(rest > 0 ? [`${backend}: and ${rest} more`] : []),
  ];
}
