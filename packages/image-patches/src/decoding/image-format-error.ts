/** Why bytes are no image that is read: another format, a broken file, or more pixels than are allowed. */
export type ImageFormatFault = "unknown-format" | "malformed" | "too-large";

/** The bytes of a file are no image that is read. */
export class ImageFormatError extends Error {
  override readonly name = "ImageFormatError";
  readonly code = "image-format";
  readonly fault: ImageFormatFault;
  constructor(message: string, fault: ImageFormatFault, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}
