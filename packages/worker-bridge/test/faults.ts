// Ways in which a worker ends.

/** What goes wrong: in the worker itself, but for `terminate`, which is the app's doing. */
export type Fault = "throw" | "exit" | "loop" | "memory" | "reject" | "hang";

/** When it goes wrong. */
export type Phase = "opening" | "running" | "returning";

interface Scope {
  readonly process?: { exit(code: number): never };
  close?(): void;
}

/** Never comes back. */
export async function breakDown(fault: Fault): Promise<never> {
  const scope = globalThis as Scope;
  switch (fault) {
    case "throw":
      setTimeout(() => {
        throw new RangeError("a fault of the tests");
      });
      break;
    case "reject":
      void Promise.reject(new RangeError("a fault of the tests"));
      break;
    case "exit":
      if (scope.process) scope.process.exit(3);
      scope.close?.();
      break;
    case "loop":
      for (;;);
    case "memory": {
      const held: unknown[] = [];
      for (;;) held.push(Array.from({ length: 10_000 }, (_, i) => ({ i })));
    }
    case "hang":
      break;
  }
  return new Promise(() => {});
}
