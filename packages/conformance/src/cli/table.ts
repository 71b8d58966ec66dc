// CONFORMANCE.md: every case on every backend.

import { halfTolerance } from "../onnx/run-onnx-case.ts";
import { leastScale, tolerance } from "../check/compare.ts";
import type { Outcome } from "./outcome.ts";

/** What a column was found on, by the name of its backend. */
export type Adapters = Readonly<Record<string, string>>;

/**
 * The whole page. `onnxGroups` come first, and open; the groups of our own cases are folded. Backends that run on something
 * else than the processor say on what.
 */
export function formatTable(
  outcomes: readonly Outcome[],
  backends: readonly string[],
  onnxGroups: readonly string[],
  adapters: Adapters,
): string {
  const groups = [...new Set(outcomes.map(({ group }) => group))];
  const ofGroup = (group: string): Outcome[] => outcomes.filter((outcome) => outcome.group === group);
  return [
    "# Conformance",
    "",
    "Written by `pnpm run conformance --write`; do not edit. A case passes when its largest error is at most",
    `${tolerance.toExponential()} of the case's scale, which is the largest |expected| and at least ${leastScale.toExponential()}; in half precision, as stated`,
    `with the cases, when every |error| is at most 5e-3 + ${halfTolerance.toExponential()} · |expected|. The ONNX cases are those of the ONNX`,
    "operators' node tests; the others are ours, and their expected values are computed in float64 from the formulas.",
    ...Object.entries(adapters).map(([backend, adapter]) => `${adapterText(backend)}${adapter}.`),
    "",
    ...tableOf(
      ["cases", ...backends],
      groups.map((group) => [
        group,
        ...backends.map((backend) => summarize(ofGroup(group).filter((outcome) => outcome.backend === backend))),
      ]),
    ),
    ...groups.flatMap((group) => section(group, ofGroup(group), backends, onnxGroups.includes(group))),
    "",
  ].join("\n");
}

function adapterText(backend: string): string {
  return `The column ${backend} was found in Node on the adapter `;
}

/** The adapters that a page names. */
export function adaptersOf(page: string, backends: readonly string[]): Adapters {
  const found = backends.map((backend) => {
    const line = page.split("\n").find((each) => each.startsWith(adapterText(backend)));
    return line === undefined ? [] : [[backend, line.slice(adapterText(backend).length, -1)] as const];
  });
  return Object.fromEntries(found.flat());
}

function section(group: string, outcomes: readonly Outcome[], backends: readonly string[], open: boolean): string[] {
  const names = [...new Set(outcomes.map((outcome) => outcome.case))];
  const rows = names.map((name) => {
    const ofCase = backends.map((backend) =>
      outcomes.find((outcome) => outcome.case === name && outcome.backend === backend),
    );
    const reasons = [...new Set(ofCase.map((outcome) => outcome?.reason ?? "").filter((reason) => reason !== ""))];
    return [name, ...ofCase.map((outcome) => outcome?.status ?? "-"), reasons.join("; ")];
  });
  const table = tableOf(["case", ...backends, "reason"], rows);
  if (open) return ["", `## ${group}`, "", ...table];
  return ["", `## ${group}`, "", `<details><summary>${names.length} cases</summary>`, "", ...table, "", "</details>"];
}

function summarize(outcomes: readonly Outcome[]): string {
  const count = (status: Outcome["status"]): number => outcomes.filter((outcome) => outcome.status === status).length;
  const parts = [`${count("pass")} pass`, `${count("fail")} fail`, `${count("n/a")} not applicable`];
  return parts.filter((part, i) => i === 0 || !part.startsWith("0 ")).join(", ");
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)];
}
