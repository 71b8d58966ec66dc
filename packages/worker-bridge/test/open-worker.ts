// Starts a worker of the tests here: Node and browsers want it differently.

import type * as Bundle from "./bundle-for-node.ts";
import type { PipelineWorker } from "../src/index.ts";

/** A worker, and how to end it. */
export type TestWorker = PipelineWorker & { terminate(): unknown };

interface NodeModules {
  readonly "node:worker_threads": { readonly Worker: new (file: URL, options: object) => TestWorker };
}

/** Node's own module, or null in a browser. */
export function builtinModule<K extends keyof NodeModules>(name: K): NodeModules[K] | null {
  const { process } = globalThis as { readonly process?: { getBuiltinModule?(name: string): unknown } };
  return (process?.getBuiltinModule?.(name) as NodeModules[K] | undefined) ?? null;
}

/** Whether this is Node. */
export const isNode = builtinModule("node:worker_threads") !== null;

/** A worker that runs `letters-worker.ts`. `options` are those of Node. */
export async function letterWorker(options: object = {}): Promise<TestWorker> {
  const threads = builtinModule("node:worker_threads");
  if (threads === null) return new Worker(new URL("./letters-worker.ts", import.meta.url), { type: "module" });
  // Named by a variable, so that a browser's bundler does not follow it.
  const name = "./bundle-for-node.ts";
  const { bundleForNode } = (await import(/* @vite-ignore */ name)) as typeof Bundle;
  const file = await bundleForNode(new URL("./letters-worker.ts", import.meta.url));
  return new threads.Worker(file, { stderr: true, stdout: true, ...options });
}

/** A worker that runs `code`, a module. */
export function workerOf(code: string): TestWorker {
  const url = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  const threads = builtinModule("node:worker_threads");
  return threads ? new threads.Worker(url, { stderr: true, stdout: true }) : new Worker(url, { type: "module" });
}
