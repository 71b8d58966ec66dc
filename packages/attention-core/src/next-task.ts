/**
 * Resolves in a later task of the event loop, not a mere microtask, so that timers, messages and aborts get their
 * turn. A message channel does it without the 4 ms that browsers put between nested timers.
 */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
