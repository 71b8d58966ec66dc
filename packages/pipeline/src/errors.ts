// The errors of a pipeline that a caller may want to catch.

import { DeviceLostError, OutOfMemoryError } from "@saccade/attention-core";

/** An input that cannot be worked on: its task refuses it, or it does not fit into memory. `cause` is what was thrown. */
export class InputError extends Error {
  override readonly name = "InputError";
  readonly code = "input";
  readonly task: string;
  /** Which of the inputs, from 0. */
  readonly index: number;
  constructor(task: string, index: number, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`Cannot run ${task} on input ${index}: ${why}`, { cause });
    this.task = task;
    this.index = index;
  }
}

/** What a call rejects with where nothing stands in the place of an input: where the fault is the device's, that. */
export function rejectionOf(error: InputError): Error {
  const { cause } = error;
  return cause instanceof DeviceLostError || cause instanceof OutOfMemoryError ? cause : error;
}
