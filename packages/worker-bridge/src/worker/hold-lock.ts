// Takes a lock that falls when this worker ends, however it ends.

interface Locks {
  request(name: string, held: () => Promise<never>): Promise<unknown>;
}

/** The name of the lock once it is held; null where there are no locks: in Node, and on pages that are not secure. */
export async function holdLock(): Promise<string | null> {
  const { navigator } = globalThis as { readonly navigator?: { readonly locks?: Locks } };
  if (navigator?.locks === undefined || !("WorkerGlobalScope" in globalThis)) return null;
  const { locks } = navigator;
  const name = `saccade-worker-${crypto.randomUUID()}`;
  return new Promise((resolve) => {
    const held = (): Promise<never> => {
      resolve(name);
      return new Promise(() => {});
    };
    // Refused in an opaque origin, for instance.
    locks.request(name, held).catch(() => resolve(null));
  });
}
