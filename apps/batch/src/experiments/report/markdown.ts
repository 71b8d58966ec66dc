// A report as Markdown.

import type { Column } from "../../terminal/table.ts";
import type { ExperimentReport, ReportTable } from "../experiment.ts";
import type { RunFacts } from "./run-facts.ts";

/** A report, and how it was made. */
export interface RunReport {
  readonly name: string;
  readonly report: ExperimentReport;
  readonly facts: RunFacts;
}

/** The lines of a report under a heading of `level`; `folder` is where the plots are, from the file that they go into. */
export function reportMarkdown({ name, report, facts }: RunReport, level: number, folder: string): string[] {
  const { title, claim, method, found, caveats, tables, plots } = report;
  return [
    `${"#".repeat(level)} ${title}`,
    "",
    `**The lecture:** ${claim}`,
    "",
    `**How:** ${method.join(" ")}`,
    "",
    "**What came out:**",
    "",
    ...found.map((sentence) => `- ${sentence}`),
    "",
    ...tables.flatMap((table) => [...tableMarkdown(table), ""]),
    ...plots.flatMap((plot) => [`![${plot.title}](${folder}${plotFile(name, plot)})`, ""]),
    ...(caveats.length > 0 ? ["**What it does not say:**", "", ...caveats.map((sentence) => `- ${sentence}`), ""] : []),
    runLine(facts),
    "",
  ];
}

/** The name of a plot's file. */
export function plotFile(experiment: string, plot: { readonly name: string }): string {
  return `${experiment}-${plot.name}.svg`;
}

/** The lines of a table with its title. */
export function tableMarkdown({ title, columns, rows }: ReportTable): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(" | ")} |`;
  const rule = ({ align }: Column): string => (align === "right" ? "---:" : "---");
  return [
    `*${title}*`,
    "",
    line(columns.map((column) => column.title)),
    `| ${columns.map(rule).join(" | ")} |`,
    ...rows.map((row) => line(columns.map((_, c) => row[c] ?? ""))),
  ];
}

function escaped(cell: string): string {
  return cell.replaceAll("|", "\\|");
}

function runLine({ command, seconds, date, commit, quick, resumed }: RunFacts): string {
  const size = quick ? ", the quick version" : "";
  const stretch = resumed ? " in the last of several stretches" : "";
  return `\`${command}\`: ${Math.round(seconds)} s${stretch} on ${date}, at commit ${commit}${size}.`;
}
