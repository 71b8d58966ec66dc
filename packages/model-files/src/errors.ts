// The one class for everything that can be wrong with the files of a model; `code` says which rule was broken.

/** Which rule a file broke. */
export type ModelFileErrorCode =
  /** The bytes are of another format, which the message names: an HTML page, a Git LFS pointer, a pickle. */
  | "foreign-format"
  /** The file ends before what it announces. */
  | "truncated"
  | "header-too-large"
  /** The header is not UTF-8, not JSON, or not an object of tensors. */
  | "header-invalid"
  | "duplicate-name"
  | "dtype-unknown"
  | "shape-invalid"
  /** Tensors overlap, leave a hole, or leave bytes over. */
  | "offsets-invalid"
  /** A tensor that is in order but of a kind that weights cannot be. */
  | "dtype-unsupported"
  /** The scales of an int8 tensor are missing or do not fit it. */
  | "scale-invalid"
  | "config-invalid"
  /** Written for a newer version of this library. */
  | "format-too-new"
  /** A path that could lead out of the model's folder. */
  | "path-refused"
  | "manifest-invalid"
  | "file-missing"
  | "file-unreadable"
  /** The server could not be reached, or did not answer with the file. */
  | "fetch-failed"
  | "length-mismatch"
  | "hash-mismatch";

/** A file of a model cannot be used. `file` names it; the message says rule and actual value. */
export class ModelFileError extends Error {
  override readonly name = "ModelFileError";
  readonly code: ModelFileErrorCode;
  readonly file: string;
  constructor(code: ModelFileErrorCode, file: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.file = file;
  }
}

const mostQuoted = 80;

/** Text from a file, for a message: at most 80 characters, and printable ASCII alone, since a terminal may show it. */
export function quote(text: string): string {
  const shown = text.length > mostQuoted ? `${text.slice(0, mostQuoted)}…` : text;
  return JSON.stringify(shown).replace(
    /[^\x20-\x7e…]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
