// A task with the model that is shipped, or one from a folder, on this machine's backend.

import { asyncDispose, BackendUnavailableError } from "@saccade/attention-core";
import { openModel, type OpenModel } from "@saccade/model-files";
import { openModelDirectory } from "@saccade/model-files/node";
import { type BackendName, backendList } from "../backends/backend-list.ts";
import { UsageError } from "../commands/errors.ts";
import type { OpenedTask, SecondBackend, Task } from "./task.ts";

/** What options say. */
export interface TaskOptions {
  /** A folder; left out, the model that is shipped. */
  readonly model: string | undefined;
  readonly threads: number;
  /** Default wasm. */
  readonly backend?: BackendName;
  readonly second?: SecondBackend | undefined;
}

/**
 * Opens `task`. Throws `UsageError` if no model is given and none is shipped, `BackendUnavailableError` if a backend was named
 * and another would compute, and what `createPipeline` throws.
 */
export async function openTask(
  task: Task,
  { model, threads, backend = "wasm", second }: TaskOptions,
  signal: AbortSignal,
): Promise<OpenedTask> {
  const opened = await task.open({
    model: await openFiles(task, model, signal),
    backends: backendList(backend, threads),
    signal,
    ...(second && { second }),
  });
  const { name, reasons } = opened.pipeline.backend;
  // Who names a GPU wants to know that there is none, and not the figures of something else.
  if (backend === "webgpu" && name !== backend) {
    await opened.pipeline[asyncDispose]();
    throw new BackendUnavailableError(
      `Cannot open ${task.name}: the backend must be webgpu, it would be ${name}`,
      reasons,
    );
  }
  return opened;
}

/** The model in the folder `model`, or the one that is shipped. */
export async function openFiles(task: Task, model: string | undefined, signal: AbortSignal): Promise<OpenModel> {
  if (model !== undefined) return openModelDirectory(model, { signal });
  if (task.shipped !== undefined) return openModel(task.shipped, { signal });
  throw new UsageError(
    `Cannot open ${task.name}: --model must name a folder, since no model is shipped; saccade train ${task.name} makes one`,
  );
}
