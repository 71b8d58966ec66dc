// What each thread of the pool runs: sleep until a job is started, take units of it until none is left. The build
// strips the types of this file into `binaries/thread.js`, next to the binaries, so it imports nothing; the places
// in `control` are those of `thread-control.ts`.

interface Start {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: Int32Array;
  readonly kernelNames: readonly string[];
  /** 1 for the first thread of the pool: the place of its scratch. */
  readonly index: number;
}

interface NodePort {
  once(event: "message", listener: (start: Start) => void): void;
  postMessage(message: unknown): void;
}

interface NodeProcess {
  getBuiltinModule?(name: string): { readonly parentPort?: NodePort | null } | undefined;
}

type Kernel = (parameters: number, from: number, to: number, scratch: number) => void;

const port = (globalThis as { process?: NodeProcess }).process?.getBuiltinModule?.("node:worker_threads")?.parentPort;
if (port) {
  port.once("message", (start) => serve(start, (message) => port.postMessage(message)));
} else {
  globalThis.addEventListener(
    "message",
    (event) => serve((event as MessageEvent<Start>).data, (message) => globalThis.postMessage(message)),
    { once: true },
  );
}

function serve(start: Start, tell: (message: unknown) => void): void {
  const { control, index } = start;
  const { exports } = new WebAssembly.Instance(start.module, { env: { memory: start.memory } });
  const kernels = start.kernelNames.map((name) => exports[name] as Kernel);
  let seen = Atomics.load(control, 0);
  tell("ready");
  for (;;) {
    // A short spin first: jobs of one layer follow each other closely, and waking up takes tens of microseconds.
    for (let spin = 0; spin < 4000 && Atomics.load(control, 0) === seen; spin++);
    Atomics.wait(control, 0, seen);
    seen = Atomics.load(control, 0);
    if (Atomics.load(control, 9) === 1) return;
    const kernel = kernels[Atomics.load(control, 3)]!;
    const parameters = Atomics.load(control, 4);
    const units = Atomics.load(control, 5);
    const grab = Atomics.load(control, 6);
    const scratch = (Atomics.load(control, 7) >>> 0) + index * Atomics.load(control, 8);
    new Int32Array(start.memory.buffer)[scratch >>> 2] = 0; // what an earlier job left there is not this one's
    try {
      for (let from = Atomics.add(control, 1, grab); from < units; from = Atomics.add(control, 1, grab)) {
        kernel(parameters, from, Math.min(units, from + grab), scratch);
      }
    } catch (error) {
      Atomics.store(control, 10, 1);
      Atomics.store(control, 1, units);
      tell(String(error));
    }
    Atomics.sub(control, 2, 1);
  }
}
