/** Labelled data breaks the rules of its format. */
export class DataFormatError extends Error {
  override readonly name = "DataFormatError";
  readonly code = "data-format";
  /** Counted from 1. */
  readonly line: number;
  constructor(message: string, line: number, options?: ErrorOptions) {
    super(message, options);
    this.line = line;
  }
}
