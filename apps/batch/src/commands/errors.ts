// What makes a command end other than well.

/** The command line cannot be carried out as it stands: the caller must change it. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code = "usage";
}

/** Signals that ask the program to end, each with the exit code that shells have for it: 128 and its number. */
export const endingSignals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** The user or the system has asked the program to end. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  readonly code = "interrupted";
  readonly signal: keyof typeof endingSignals;
  constructor(signal: keyof typeof endingSignals) {
    super(`Stopped by ${signal}`);
    this.signal = signal;
  }
}

/** Whoever read the standard output has gone: `saccade run | head`. Exit code 141, as of programs that end by SIGPIPE. */
export class OutputClosedError extends Error {
  override readonly name = "OutputClosedError";
  readonly code = "output-closed";
  constructor() {
    super("Nobody reads the output any more");
  }
}
