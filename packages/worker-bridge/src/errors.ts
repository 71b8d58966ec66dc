// What can go wrong between an app and its worker, besides what goes wrong in a pipeline itself.

/**
 * The worker is gone or cannot be talked to: it threw while it loaded, ended, was terminated, or did not answer in time.
 * Every call that was pending rejects with it, and so does every later one: make a new worker and connect again.
 */
export class WorkerCrashedError extends Error {
  override readonly name = "WorkerCrashedError";
  readonly code = "worker-crashed";
}

/** The two sides come from different versions of this library: bundle the page and its worker together. */
export class WorkerVersionError extends Error {
  override readonly name = "WorkerVersionError";
  readonly code = "worker-version";
  readonly here: string;
  readonly there: string;
  constructor(message: string, here: string, there: string, options?: ErrorOptions) {
    super(message, options);
    this.here = here;
    this.there = there;
  }
}
