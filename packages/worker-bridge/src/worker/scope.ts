// Where the worker listens: the scope of a Web Worker, or the parent port of a thread of Node.

/** The worker's own channel. */
export interface WorkerScope {
  post(message: unknown): void;
  listen(onMessage: (message: unknown) => void): void;
}

interface NodeProcess {
  readonly versions?: { readonly node?: string };
  getBuiltinModule?(name: string): unknown;
}

interface ParentPort {
  postMessage(message: unknown): void;
  on(event: "message", listener: (message: unknown) => void): void;
}

interface BrowserScope {
  readonly WorkerGlobalScope?: unknown;
  postMessage(message: unknown): void;
  addEventListener(type: "message", listener: (event: MessageEvent<unknown>) => void): void;
}

/** The channel of the worker that this runs in. Throws `TypeError` where there is none. */
export function workerScope(): WorkerScope {
  const parentPort = parentPortOfNode();
  if (parentPort) {
    return {
      post: (message) => parentPort.postMessage(message),
      listen: (onMessage) => parentPort.on("message", onMessage),
    };
  }
  const scope = globalThis as unknown as BrowserScope;
  if (scope.WorkerGlobalScope === undefined) {
    throw new TypeError("Cannot expose a pipeline: exposePipeline must be called in a worker, this is none");
  }
  return {
    post: (message) => scope.postMessage(message),
    listen: (onMessage) => scope.addEventListener("message", ({ data }) => onMessage(data)),
  };
}

function parentPortOfNode(): ParentPort | null {
  const { process } = globalThis as { readonly process?: NodeProcess };
  if (process?.versions?.node === undefined) return null;
  const threads = process.getBuiltinModule?.("node:worker_threads") as
    | { readonly parentPort: ParentPort | null }
    | undefined;
  return threads?.parentPort ?? null;
}
