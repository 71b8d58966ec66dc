// What makes a command end other than well.

/** The command line cannot be carried out as it stands: the caller must change it. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code = "usage";
}

/** The user or the system has asked the program to end. Exit code 128 and the number of the signal, as shells have it. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  readonly code = "interrupted";
  readonly signal: "SIGINT" | "SIGTERM";
  constructor(signal: "SIGINT" | "SIGTERM") {
    super(`Stopped by ${signal}`);
    this.signal = signal;
  }
}
