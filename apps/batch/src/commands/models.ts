// `saccade models`: the models that are shipped.

import { openFiles } from "../tasks/open-task.ts";
import { tasks } from "../tasks/tasks.ts";
import { indent, table } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";

/** Runs the command. Resolves with its exit code. */
export async function models(json: boolean, terminal: Terminal, signal: AbortSignal): Promise<0> {
  const rows: { task: string; summary: string; megabytes: number | null; manifestSha256: string | null }[] = [];
  for (const task of tasks) {
    const { name, summary } = task;
    if (task.shipped === undefined) {
      rows.push({ task: name, summary, megabytes: null, manifestSha256: null });
      continue;
    }
    const model = await openFiles(task, undefined, signal);
    const bytes = model.files.reduce((sum, file) => sum + file.bytes, 0);
    rows.push({ task: name, summary, megabytes: bytes / 1e6, manifestSha256: model.manifestSha256 });
  }
  if (json) {
    terminal.print(rows.map((row) => JSON.stringify(row)));
    return 0;
  }
  const columns = [{ title: "task" }, { title: "MB", align: "right" }, { title: "what it does" }] as const;
  const cells = rows.map(({ task, megabytes, summary }) => [task, megabytes?.toFixed(2) ?? "none", summary]);
  terminal.print([
    ...table(columns, cells),
    "",
    ...indent([
      "A task without a model takes one that you trained: --model FOLDER",
      "Model cards: README.md in models/ of the task's package",
    ]),
  ]);
  return 0;
}
