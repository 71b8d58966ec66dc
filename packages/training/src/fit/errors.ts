// What training throws that a caller is expected to catch.

/** The loss or its gradient became infinite or not a number. The weights are those of before the step. */
export class NonFiniteLossError extends Error {
  override readonly name = "NonFiniteLossError";
  readonly code = "non-finite-loss";
  /** Steps that were made before. */
  readonly step: number;
  constructor(message: string, step: number, options?: ErrorOptions) {
    super(message, options);
    this.step = step;
  }
}

/** A checkpoint belongs to another training: another model, seed or setting. */
export class CheckpointMismatchError extends Error {
  override readonly name = "CheckpointMismatchError";
  readonly code = "checkpoint-mismatch";
  readonly expected: string;
  readonly actual: string;
  constructor(message: string, expected: string, actual: string, options?: ErrorOptions) {
    super(message, options);
    this.expected = expected;
    this.actual = actual;
  }
}
