// What is said of an error that ends a command, and the exit code that stands for it.

import {
  BackendFaultError,
  BackendUnavailableError,
  DeviceLostError,
  ModelMismatchError,
  OutOfMemoryError,
} from "@saccade/attention-core";
import { MoleculeError } from "@saccade/graph-nodes/molecules";
import { ModelFileError } from "@saccade/model-files";
import { InputError } from "@saccade/pipeline";
import { AudioFormatError } from "@saccade/speech-frames";
import { DataFormatError } from "@saccade/text-tokens";
import { CheckpointMismatchError, NonFiniteLossError } from "@saccade/training";
import { CommanderError } from "commander";
import { PlanetoidError } from "../recipes/graph/planetoid.ts";
import { IdxFormatError } from "../records/idx.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { printable } from "../terminal/text.ts";
import { endingSignals, InterruptedError, OutputClosedError, UsageError } from "./errors.ts";

/** For the help of every command. */
export const exitCodes = `
Exit codes: 0 done; 1 refused records, wrong files or a failure; 2 a command line that cannot be carried out;
74 a disk that is full or fails; 129, 130, 143 stopped by SIGHUP, SIGINT, SIGTERM; 141 nobody reads the output.`;

/** Errors of files, data and machines, which their own words explain. */
const failures = [
  AudioFormatError,
  BackendFaultError,
  BackendUnavailableError,
  CheckpointMismatchError,
  DataFormatError,
  DeviceLostError,
  IdxFormatError,
  InputError,
  ModelFileError,
  ModelMismatchError,
  MoleculeError,
  NonFiniteLossError,
  OutOfMemoryError,
  PlanetoidError,
] as const;

/** Tells why a command ended and returns its exit code. Throws `error` itself if it is a mistake of ours. */
export function explainError(error: unknown, terminal: Terminal, signal: AbortSignal): number {
  const complain = (text: string): void => terminal.complain(text.split("\n").map(printable).join("\n"));
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // its text is printed already
  if (error instanceof UsageError) {
    complain(error.message);
    complain("saccade --help shows how");
    return 2;
  }
  if (signal.aborted && error === signal.reason && error instanceof InterruptedError) {
    complain(error.message);
    return endingSignals[error.signal];
  }
  if (error instanceof OutputClosedError || (isSystemError(error) && error.code === "EPIPE")) return 141;
  if (error instanceof BackendUnavailableError) {
    complain([error.message, ...error.reasons].join(": "));
    return 1;
  }
  if (failures.some((failure) => error instanceof failure)) {
    complain((error as Error).message);
    return 1;
  }
  if (isSystemError(error)) {
    complain(`Cannot go on: files must be readable and writable, the system says ${error.message}`);
    return 74;
  }
  throw error;
}

/** An error of the operating system. */
function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error && "errno" in error;
}
