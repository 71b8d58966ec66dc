// The errors of a pipeline that a caller may want to catch.

/** An input that its task refuses. `cause` is what the task threw. */
export class InputError extends Error {
  override readonly name = "InputError";
  readonly code = "input";
  /** Which of the inputs, from 0. */
  readonly index: number;
  constructor(message: string, index: number, options?: ErrorOptions) {
    super(message, options);
    this.index = index;
  }
}
