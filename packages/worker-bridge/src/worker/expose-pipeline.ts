// The worker's side: three lines in a file that the app owns, so that every bundler sees it.

import { isGreeting } from "../wire/messages.ts";
import { bridgeVersion } from "../wire/version.ts";
import { holdLock } from "./hold-lock.ts";
import { type OpenPipeline, servePipeline } from "./serve-pipeline.ts";
import { workerScope } from "./scope.ts";

/**
 * Offers what `open` opens to the app that made this worker, once for each `connectPipeline`. Call it once, as the worker
 * loads. Throws `TypeError` outside a worker.
 *
 * @example
 * exposePipeline((_request, { signal }) => createPipeline(upos, { model: openModel(url), backends: [createWasmBackend], signal }));
 */
export function exposePipeline<Input, Output>(open: OpenPipeline<Input, Output>): void {
  const scope = workerScope();
  // The app can tell that this worker lives only when the lock is held.
  const lock = holdLock();
  const sayReady = async (): Promise<void> => {
    scope.post({ saccade: "ready", version: bridgeVersion, lock: await lock });
  };
  scope.listen((message) => {
    if (!isGreeting(message)) return;
    if (message.saccade === "hello") void sayReady();
    if (message.saccade === "connect") servePipeline(message.port, open as OpenPipeline<unknown, unknown>);
  });
  void sayReady();
}
