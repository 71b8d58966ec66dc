// One backend for many cases, so that each need not open its own.

import { asyncDispose, type Backend } from "@saccade/attention-core";

/** A backend that is opened when it is first needed, and anew once its device is lost: one case shall not fail the rest. */
export interface SharedBackend<B extends Backend> {
  readonly get: () => Promise<B>;
  /** Disposes what is open. */
  readonly close: () => Promise<void>;
}

/** Shares what `createBackend` opens. */
export function shareBackend<B extends Backend>(createBackend: () => B | Promise<B>): SharedBackend<B> {
  let backend: B | null = null;
  let lost = false;
  const close = async (): Promise<void> => {
    const closing = backend;
    backend = null;
    // A lost device may refuse this as well.
    await closing?.[asyncDispose]().then(null, (error: unknown) => {
      if (!lost) throw error;
    });
  };
  const open = async (): Promise<B> => {
    const opened = await createBackend();
    backend = opened;
    lost = false;
    void opened.lost.then(() => {
      if (backend === opened) lost = true;
    });
    return opened;
  };
  return {
    get: async () => {
      if (lost) await close();
      return backend ?? open();
    },
    close,
  };
}
