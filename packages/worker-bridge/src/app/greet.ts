// Finds the other side: says hello, and waits for a worker of the same version to say that it is ready.

import { WorkerCrashedError, WorkerVersionError } from "../errors.ts";
import { isGreeting } from "../wire/messages.ts";
import { bridgeVersion } from "../wire/version.ts";
import type { WorkerChannel } from "./pipeline-worker.ts";

/** How long a worker may take to load. */
export interface GreetOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Resolves when the worker is ready for a pipeline, with the lock that it holds. Rejects with `WorkerCrashedError` if it ends before or is not heard of
 * in time, `WorkerVersionError`, or the signal's reason.
 */
export async function greetWorker(channel: WorkerChannel, { timeoutMs, signal }: GreetOptions): Promise<string | null> {
  signal?.throwIfAborted();
  const crashed = (reason: string, cause?: unknown): WorkerCrashedError =>
    new WorkerCrashedError(`Cannot connect to the worker: it must be ready for a pipeline, ${reason}`, { cause });
  if (channel.hasEnded) throw crashed("it has ended");
  let finish = (): void => {};
  try {
    return await new Promise<string | null>((resolve, reject) => {
      const stop = channel.listen(
        (message) => {
          if (!isGreeting(message) || message.saccade !== "ready") return;
          if (message.version === bridgeVersion) resolve(message.lock);
          else reject(versionError(String(message.version)));
        },
        (reason, cause) => reject(crashed(reason, cause)),
      );
      const timer = setTimeout(
        () => reject(crashed(`it has not called exposePipeline within ${timeoutMs} ms`)),
        timeoutMs,
      );
      const onAbort = (): void => reject(signal?.reason as Error);
      signal?.addEventListener("abort", onAbort);
      finish = () => {
        stop();
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
      };
      channel.post({ saccade: "hello" }, []);
    });
  } finally {
    finish();
  }
}

function versionError(there: string): WorkerVersionError {
  const text = `Cannot connect to the worker: both sides must be of one version of @saccade/worker-bridge, here is ${bridgeVersion} and the worker has ${there}`;
  return new WorkerVersionError(text, bridgeVersion, there);
}
