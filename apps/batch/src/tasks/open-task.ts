// A task with the model that is shipped, or one from a folder, on this machine's backend.

import { createReferenceBackend } from "@saccade/attention-core/reference";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { openModel, type OpenModel } from "@saccade/model-files";
import { openModelDirectory } from "@saccade/model-files/node";
import { UsageError } from "../commands/errors.ts";
import type { OpenedTask, Task } from "./task.ts";

/** What options say. */
export interface TaskOptions {
  /** A folder; left out, the model that is shipped. */
  readonly model: string | undefined;
  readonly threads: number;
}

/** Opens `task`. Throws `UsageError` if no model is given and none is shipped, and what `createPipeline` throws. */
export async function openTask(task: Task, { model, threads }: TaskOptions, signal: AbortSignal): Promise<OpenedTask> {
  return task.open({
    model: await openFiles(task, model, signal),
    backends: [() => createWasmBackend({ threads }), async () => createReferenceBackend()],
    signal,
  });
}

/** The model in the folder `model`, or the one that is shipped. */
export async function openFiles(task: Task, model: string | undefined, signal: AbortSignal): Promise<OpenModel> {
  if (model !== undefined) return openModelDirectory(model, { signal });
  if (task.shipped !== undefined) return openModel(task.shipped, { signal });
  throw new UsageError(
    `Cannot open ${task.name}: --model must name a folder, since no model is shipped; saccade train ${task.name} makes one`,
  );
}
