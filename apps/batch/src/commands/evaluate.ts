// `saccade evaluate`: how good a task's model is on labelled data.

import { asyncDispose } from "@saccade/attention-core";
import type { BackendChoice } from "@saccade/pipeline";
import type { BackendName } from "../backends/backend-list.ts";
import { backendList } from "../backends/backend-list.ts";
import { jsonLine } from "../records/json-line.ts";
import { dataFile } from "../records/data-file.ts";
import { type Comparison, noComparison } from "../tasks/compare-outputs.ts";
import { openTask } from "../tasks/open-task.ts";
import type { Figure } from "../recipes/recipe.ts";
import { findTask } from "../tasks/tasks.ts";
import { indent, table } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { printable } from "../terminal/text.ts";
import { complainOfBackend } from "../views/backend-choice.ts";
import { count as countOf, difference } from "../views/numbers.ts";
import { UsageError } from "./errors.ts";

/** What is to be evaluated on what. */
export interface EvaluateCommand {
  readonly task: string;
  /** A file. */
  readonly data: string;
  readonly json: boolean;
  readonly model: string | undefined;
  readonly threads: number;
  readonly backend: BackendName;
  /** A backend that computes the same, to be compared. */
  readonly compare: BackendName | undefined;
  /** How many inputs of each run are compared. */
  readonly limit: number;
}

/** What two backends said. */
interface Compared {
  readonly comparison: Comparison;
  choice: BackendChoice | null;
}

/**
 * Runs the command: prints task, metric, value, count and seconds for each metric, and how far another backend is from the
 * first where it is to be compared. Resolves with its exit code. Throws `UsageError` for data that is not there, is not
 * UTF-8 or holds nothing; `DataFormatError`, with the line, for other data.
 */
export async function evaluate(command: EvaluateCommand, terminal: Terminal, signal: AbortSignal): Promise<0> {
  const task = findTask(command.task);
  const data = dataFile("--data", command.data);
  data.bytes();
  const { backend, compare, limit, threads } = command;
  const compared: Compared = { comparison: noComparison(), choice: null };
  const second = compare && {
    backends: backendList(compare, threads),
    limit,
    comparison: compared.comparison,
    onOpen: (choice: BackendChoice): void => void (compared.choice = choice),
  };
  const opened = await openTask(task, { ...command, second }, signal);
  try {
    const start = performance.now();
    const figures = await opened.evaluate({
      data,
      signal,
      onProgress: (share) => terminal.progress(`${task.name}  ${Math.round(100 * share)} %`),
    });
    const seconds = Number(((performance.now() - start) / 1000).toFixed(2));
    terminal.progress("");
    if (figures.every(({ count }) => count === 0)) {
      const rule = `--data must hold labelled data (${task.labelled})`;
      throw new UsageError(`Cannot evaluate ${task.name}: ${rule}, ${command.data} holds none`);
    }
    const { name } = opened.pipeline.backend;
    if (command.json) {
      terminal.print(jsonLines(task.name, figures, seconds));
    } else {
      terminal.print([
        `${task.name} on ${printable(data.name)}, ${seconds} s, backend ${name}`,
        ...figureTable(figures),
      ]);
    }
    if (compared.choice !== null) terminal.print(comparisonLines(command, name, compared.choice, compared.comparison));
    complainOfBackend(terminal, backend, opened.pipeline.backend);
    if (compare && compared.choice) complainOfBackend(terminal, compare, compared.choice);
    return 0;
  } finally {
    terminal.progress("");
    await opened.pipeline[asyncDispose]();
  }
}

function jsonLines(task: string, figures: readonly Figure[], seconds: number): string[] {
  return figures.map(({ metric, value, unit, count }) =>
    jsonLine({ task, metric, value, ...(unit !== undefined && { unit }), count, seconds }),
  );
}

function figureTable(figures: readonly Figure[]): string[] {
  const rows = figures.map(({ metric, value, unit, count }) => [
    metric,
    unit === undefined ? value.toFixed(4) : `${value.toFixed(4)} ${unit}`,
    countOf(count),
  ]);
  return indent(
    table([{ title: "metric" }, { title: "value", align: "right" }, { title: "count", align: "right" }], rows),
  );
}

function comparisonLines(
  { task, json }: EvaluateCommand,
  first: string,
  { name }: BackendChoice,
  comparison: Comparison,
): string[] {
  const backends = [first, name];
  if (json) return [jsonLine({ task, backends, ...comparison })];
  const { inputs, labels, differingLabels, numbers, largestDifference } = comparison;
  return [
    `${backends.join(" and ")} on ${countOf(inputs)} inputs: ${countOf(differingLabels)} of ${countOf(labels)} labels differ`,
    `  largest difference ${difference(largestDifference)} among ${countOf(numbers)} numbers`,
  ];
}
