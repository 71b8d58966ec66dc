// `saccade evaluate`: how good a task's model is on labelled data.

import { asyncDispose } from "@saccade/attention-core";
import { jsonLine } from "../records/json-line.ts";
import { dataFile } from "../records/data-file.ts";
import { openTask } from "../tasks/open-task.ts";
import { findTask } from "../tasks/tasks.ts";
import { indent, table } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { printable } from "../terminal/text.ts";
import { count as countOf } from "../views/numbers.ts";
import { UsageError } from "./errors.ts";

/** What is to be evaluated on what. */
export interface EvaluateCommand {
  readonly task: string;
  /** A file. */
  readonly data: string;
  readonly json: boolean;
  readonly model: string | undefined;
  readonly threads: number;
}

/**
 * Runs the command: prints task, metric, value, count and seconds for each metric. Resolves with its exit code. Throws
 * `UsageError` for data that is not there, is not UTF-8 or holds nothing; `DataFormatError`, with the line, for other data.
 */
export async function evaluate(command: EvaluateCommand, terminal: Terminal, signal: AbortSignal): Promise<0> {
  const task = findTask(command.task);
  const data = dataFile("--data", command.data);
  data.bytes();
  const opened = await openTask(task, command, signal);
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
    if (command.json) {
      terminal.print(
        figures.map(({ metric, value, unit, count }) =>
          jsonLine({ task: task.name, metric, value, ...(unit !== undefined && { unit }), count, seconds }),
        ),
      );
    } else {
      const rows = figures.map(({ metric, value, unit, count }) => [
        metric,
        unit === undefined ? value.toFixed(4) : `${value.toFixed(4)} ${unit}`,
        countOf(count),
      ]);
      terminal.print([
        `${task.name} on ${printable(data.name)}, ${seconds} s, backend ${opened.pipeline.backend.name}`,
        ...indent(
          table([{ title: "metric" }, { title: "value", align: "right" }, { title: "count", align: "right" }], rows),
        ),
      ]);
    }
    return 0;
  } finally {
    terminal.progress("");
    await opened.pipeline[asyncDispose]();
  }
}
