// The files of an experiment: what was measured as JSON, the report as Markdown, a plot each as SVG; and the page that all
// experiments of a folder make.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import type { Experiment } from "../experiment.ts";
import { drawPlot } from "./draw-plot.ts";
import { plotFile, reportMarkdown, type RunReport } from "./markdown.ts";
import { pageMarkdown } from "./page.ts";
import type { RunFacts } from "./run-facts.ts";

/** What was measured, and how. Survives JSON. */
export interface RunRecord {
  readonly name: string;
  readonly facts: RunFacts;
  readonly results: unknown;
}

/** Writes NAME.json, NAME.md and NAME-PLOT.svg into `folder`, made if need be, and returns their names. */
export async function writeRun(folder: string, record: RunRecord, report: RunReport["report"]): Promise<string[]> {
  const { name, facts } = record;
  const files = new Map<string, string>([
    [`${name}.json`, `${JSON.stringify(record, null, 2)}\n`],
    [`${name}.md`, reportMarkdown({ name, report, facts }, 1, "").join("\n")],
  ]);
  for (const plot of report.plots) files.set(plotFile(name, plot), await drawPlot(plot));
  mkdirSync(folder, { recursive: true });
  for (const [file, text] of files) writeFileSync(join(folder, file), text);
  return [...files.keys()];
}

/**
 * Writes tables and plots again for each of `experiments` that lies in `folder`, and the page at `path` of all of them, in
 * their order; returns their names.
 */
export async function writePage(path: string, folder: string, experiments: readonly Experiment[]): Promise<string[]> {
  const there = new Set(readdirSync(folder));
  const runs: RunReport[] = [];
  for (const experiment of experiments) {
    const file = `${experiment.name}.json`;
    if (!there.has(file)) continue;
    const record = JSON.parse(readFileSync(join(folder, file), "utf8")) as RunRecord;
    const report = experiment.report(record.results);
    await writeRun(folder, record, report);
    runs.push({ name: record.name, facts: record.facts, report });
  }
  const away = relative(dirname(path), folder).split(sep).join("/");
  writeFileSync(path, pageMarkdown(runs, away === "" ? "" : `${away}/`));
  return runs.map(({ name }) => name);
}
