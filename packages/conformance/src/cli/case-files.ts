// Where the ONNX cases are. They are not part of this repository: they lie in `shared/conformance` beside it, or
// where the environment variable SACCADE_SHARED says.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CaseFileError, type OnnxCase, parseOnnxCases } from "../onnx/onnx-case.ts";
import { CliError } from "./cli-error.ts";

/** The root of the repository that this package lies in. */
export const repositoryRoot: string = fileURLToPath(new URL("../../../../", import.meta.url));

/** The groups of cases that a backend of ours is held against. */
export const onnxGroups: readonly string[] = ["onnx-attention", "onnx-attention-variants", "onnx-layers"];

/** Reads one file. Throws `CliError` if it cannot be read, `CaseFileError` if it is not of the format. */
export function readCaseFile(path: string): OnnxCase[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new CliError(`Cannot read cases from ${path}: ${(error as Error).message}`, { cause: error });
  }
  try {
    return parseOnnxCases(text);
  } catch (error) {
    if (!(error instanceof CaseFileError)) throw error;
    throw new CaseFileError(`${path}: ${error.message}`, { cause: error });
  }
}

/** The folder of the shared cases, or null and the reason why there is none. */
export function findSharedCases(): { readonly folder: string } | { readonly folder: null; readonly reason: string } {
  const folder = join(process.env["SACCADE_SHARED"] ?? join(repositoryRoot, "..", "shared"), "conformance");
  const missing = onnxGroups.map((group) => join(folder, group, "cases.json")).find((file) => !existsSync(file));
  if (missing === undefined) return { folder };
  return {
    folder: null,
    reason: `the ONNX cases are not here: ${missing} must exist (SACCADE_SHARED names another folder)`,
  };
}

/** The text of each group's file, for those who parse it elsewhere; empty where there are none. */
export function sharedCaseTexts(): { readonly texts: Readonly<Record<string, string>>; readonly reason: string } {
  const found = findSharedCases();
  if (found.folder === null) return { texts: {}, reason: found.reason };
  const { folder } = found;
  return {
    texts: Object.fromEntries(
      onnxGroups.map((group) => [group, readFileSync(join(folder, group, "cases.json"), "utf8")]),
    ),
    reason: "",
  };
}
