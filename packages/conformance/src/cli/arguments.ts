// What the command line says.

import { parseArgs } from "node:util";
import { CliError } from "./cli-error.ts";

/** What to do. */
export type Command =
  | { readonly kind: "help" }
  /** Run the cases of some files, or, without files, our own. */
  | {
      readonly kind: "run";
      readonly files: readonly string[];
      readonly backends: readonly string[];
      readonly json: boolean;
    }
  /** Write CONFORMANCE.md. */
  | { readonly kind: "write"; readonly backends: readonly string[] };

/** How to call the command. */
export const usage = `Usage:
  conformance --cases FILE [--cases FILE ...] --backend NAME [--json]   run the ONNX cases of a file
  conformance --backend NAME [--json]                                   run our own cases
  conformance --write                                                   run everything, write CONFORMANCE.md

  --cases FILE     a cases.json: an array of {case, op, attributes, inputNames, outputNames, inputs, outputs}
  --backend NAME   reference, wasm or webgpu, or the path of a module that exports createBackend(); may be repeated
  --json           one JSON object a line: {case, backend, status, error, tolerance, reason}

Exit code: 0 if nothing failed, 1 if a case failed, 2 if the command could not be carried out.
`;

/** Reads the arguments after the name of the program. Throws `CliError` for any that are unknown or missing. */
export function parseArguments(args: readonly string[]): Command {
  const { cases = [], backend = [], json = false, write = false, help = false } = parse(args);
  if (help) return { kind: "help" };
  if (write) {
    if (cases.length > 0 || json)
      throw new CliError("Cannot read the command: --write must go without --cases and --json");
    return { kind: "write", backends: backend };
  }
  if (backend.length === 0)
    throw new CliError("Cannot read the command: --backend must be given, it is not; --help shows how");
  return { kind: "run", files: cases, backends: backend, json };
}

interface Parsed {
  readonly cases?: string[];
  readonly backend?: string[];
  readonly json?: boolean;
  readonly write?: boolean;
  readonly help?: boolean;
}

function parse(args: readonly string[]): Parsed {
  try {
    return parseArgs({
      args: [...args],
      options: {
        cases: { type: "string", multiple: true },
        backend: { type: "string", multiple: true },
        json: { type: "boolean" },
        write: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw new CliError(`Cannot read the command: ${(error as Error).message}; --help shows how`, { cause: error });
  }
}
