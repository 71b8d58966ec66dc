import { expect, test } from "vitest";

test("openchemlib reads molecules in a worker", async () => {
  const worker = new Worker(new URL("./molecule.worker.ts", import.meta.url), { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  worker.onmessage = ({ data }: MessageEvent<string>): void => resolve(data);
  worker.onerror = ({ message }): void => reject(new Error(message));
  worker.postMessage("CC(=O)[O-].[Na+]");
  expect(await promise).toBe("C C O O Na");
  worker.terminate();
});
