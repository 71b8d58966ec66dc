// All reports as one page.

import { reportMarkdown, type RunReport } from "./markdown.ts";

/** The text of the page; `folder` is where the plots are, from the page. */
export function pageMarkdown(records: readonly RunReport[], folder: string): string {
  const machines = new Set(records.map(({ facts }) => `${facts.cpu}, ${facts.cores} cores, Node ${facts.node}`));
  return [
    "# Experiments",
    "",
    "What the lecture says of attention, tried on this project's code by `saccade experiment`. Every table and plot below was",
    "written by the command that stands under it, one thread; `--quick` runs a small version. Accuracies are of development",
    "splits, of small networks after short trainings with the same budget for all that are compared: they answer which is",
    "better here and by how much, not how good any of them can be. What follows ± is the standard deviation over seeds.",
    "",
    `Machine: ${[...machines].join("; ")}. It had other work to do at the same time, so seconds are rough.`,
    "",
    ...records.map(({ report }) => `- [${report.title}](#${anchor(report.title)})`),
    "",
    ...records.flatMap((record) => reportMarkdown(record, 2, folder)),
  ]
    .join("\n")
    .replace(/\n+$/, "\n");
}

/** The anchor that GitHub gives a heading. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");
}
