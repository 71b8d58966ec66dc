// `saccade models`: the models that are shipped.

import { ModelFileError } from "@saccade/model-files";
import { jsonLine } from "../records/json-line.ts";
import { openFiles } from "../tasks/open-task.ts";
import type { Task } from "../tasks/task.ts";
import { tasks } from "../tasks/tasks.ts";
import { indent, table } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { printable } from "../terminal/text.ts";

/** A task and its model; null where there is none, and then `problem` says why. */
interface ModelRow {
  readonly task: string;
  readonly summary: string;
  readonly bytes: number | null;
  /** SHA-256 of files.json, which stands for every byte of the model. */
  readonly manifestSha256: string | null;
  readonly problem: string | null;
}

/** Runs the command. Resolves with its exit code: 1 if a model that should be there is missing or damaged. */
export async function models(
  json: boolean,
  terminal: Terminal,
  signal: AbortSignal,
  listed: readonly Task[] = tasks,
): Promise<0 | 1> {
  const rows: ModelRow[] = [];
  for (const task of listed) rows.push(await rowOf(task, signal));
  const isWhole = listed.every(({ shipped }, n) => shipped === undefined || rows[n]!.problem === null);
  if (json) {
    terminal.print(rows.map((row) => jsonLine(row)));
    return isWhole ? 0 : 1;
  }
  const columns = [{ title: "task" }, { title: "MB", align: "right" }, { title: "what it does" }] as const;
  const cells = rows.map(({ task, bytes, summary }) => [
    task,
    bytes === null ? "none" : (bytes / 1e6).toFixed(2),
    summary,
  ]);
  terminal.print([
    ...table(columns, cells),
    "",
    ...indent([
      "A task without a model takes one that you trained: --model FOLDER",
      "Model cards, with data, licence and figures: README.md in models/ of the task's package",
    ]),
  ]);
  listed.forEach(({ name, shipped }, n) => {
    const { problem } = rows[n]!;
    if (shipped !== undefined && problem !== null) terminal.complain(`${name}: ${printable(problem)}`);
  });
  return isWhole ? 0 : 1;
}

async function rowOf(task: Task, signal: AbortSignal): Promise<ModelRow> {
  const { name, summary } = task;
  const none = { task: name, summary, bytes: null, manifestSha256: null };
  if (task.shipped === undefined) return { ...none, problem: "no model is shipped" };
  try {
    const model = await openFiles(task, undefined, signal);
    const bytes = model.files.reduce((sum, file) => sum + file.bytes, 0);
    return { task: name, summary, bytes, manifestSha256: model.manifestSha256, problem: null };
  } catch (error) {
    if (!(error instanceof ModelFileError)) throw error;
    return { ...none, problem: error.message };
  }
}
