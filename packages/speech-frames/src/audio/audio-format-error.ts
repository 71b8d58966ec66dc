/** A file that is no audio of a format that is read, or that does not agree with itself. The message says where. */
export class AudioFormatError extends Error {
  override readonly name = "AudioFormatError";
  readonly code = "audio-format";
}
