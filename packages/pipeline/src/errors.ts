// The errors of a pipeline that a caller may want to catch.

/** An input that its task refuses. `cause` is what the task threw. */
export class InputError extends Error {
  override readonly name = "InputError";
  readonly code = "input";
  readonly task: string;
  /** Which of the inputs, from 0. */
  readonly index: number;
  constructor(task: string, index: number, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot run ${task}: input ${index} must be one of its inputs: ${why}`, { cause });
    this.task = task;
    this.index = index;
  }
}
