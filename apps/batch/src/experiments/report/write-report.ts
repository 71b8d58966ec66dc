// The files of a report: the record as JSON, Markdown, and a plot each as SVG; and the page that many records make.

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { drawPlot } from "./draw-plot.ts";
import { plotFile, reportMarkdown, type ReportRecord } from "./markdown.ts";
import { pageMarkdown } from "./page.ts";

const extension = ".report.json";

/** Writes NAME.report.json, NAME.md and NAME-PLOT.svg into `folder`, made if need be, and returns their names. */
export async function writeReport(folder: string, record: ReportRecord): Promise<string[]> {
  const files = new Map<string, string>([
    [`${record.name}${extension}`, `${JSON.stringify(record, null, 2)}\n`],
    [`${record.name}.md`, reportMarkdown(record, 1, "").join("\n")],
  ]);
  for (const plot of record.report.plots) files.set(plotFile(record.name, plot), await drawPlot(plot));
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of files) writeFileSync(join(folder, name), text);
  return [...files.keys()];
}

/** Writes the page at `path` from the records that lie in `folder`, in the order of `names`; returns those it found. */
export function writePage(path: string, folder: string, names: readonly string[]): string[] {
  const there = new Set(readdirSync(folder));
  const records = names
    .filter((name) => there.has(`${name}${extension}`))
    .map((name) => JSON.parse(readFileSync(join(folder, `${name}${extension}`), "utf8")) as ReportRecord);
  const away = relative(dirname(path), folder).split(sep).join("/");
  writeFileSync(path, pageMarkdown(records, away === "" ? "" : `${away}/`));
  return records.map(({ name }) => name);
}
