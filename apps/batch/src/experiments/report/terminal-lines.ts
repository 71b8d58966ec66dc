// A report on a terminal.

import { indent, table } from "../../terminal/table.ts";
import type { Terminal } from "../../terminal/terminal.ts";
import { wrap } from "../../terminal/text.ts";
import type { ExperimentReport } from "../experiment.ts";

/** The lines of a report: the claim, the tables, and what they say. */
export function reportLines(
  { title, claim, tables, found, caveats }: ExperimentReport,
  { look, columns }: Terminal,
): string[] {
  const sentences = (list: readonly string[]): string[] =>
    list.flatMap((sentence) => wrap(sentence, columns - 4).map((line, i) => (i === 0 ? `- ${line}` : `  ${line}`)));
  return [
    look.title(title),
    "",
    ...wrap(`The lecture: ${claim}`, columns),
    "",
    ...tables.flatMap((each) => [each.title, ...indent(table(each.columns, each.rows)), ""]),
    ...sentences(found),
    ...sentences(caveats).map(look.faint),
    "",
  ];
}
