/** The command cannot be carried out as it was given: an unknown option or backend, a file that cannot be read. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly code = "cli";
}
