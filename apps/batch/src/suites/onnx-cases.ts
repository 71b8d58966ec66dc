// The ONNX operator cases, which are not part of this repository: in `shared/conformance` beside it, or where the
// environment variable SACCADE_SHARED says.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type OnnxCase, parseOnnxCases } from "@saccade/conformance";

const groups: readonly (readonly [folder: string, title: string])[] = [
  ["onnx-attention", "ONNX Attention"],
  ["onnx-attention-variants", "ONNX attention variants"],
  ["onnx-layers", "ONNX layers"],
];

/** Cases by the title of their group, and why some are missing, or null. */
export interface OnnxSuites {
  readonly suites: ReadonlyMap<string, readonly OnnxCase[]>;
  readonly missing: string | null;
}

/** Reads what is there. Throws `CaseFileError` for a file that is not of the format. */
export function readOnnxSuites(shared: string | undefined): OnnxSuites {
  const beside = fileURLToPath(new URL("../../../../../shared", import.meta.url));
  const folder = join(shared ?? beside, "conformance");
  const found = groups.flatMap(([name, title]) => {
    const file = join(folder, name, "cases.json");
    return existsSync(file) ? [[title, parseOnnxCases(readFileSync(file, "utf8"))] as const] : [];
  });
  const missing =
    found.length === groups.length
      ? null
      : "ONNX cases are not here, or not all: they lie in shared/conformance beside the repository, or where SACCADE_SHARED says";
  return { suites: new Map(found), missing };
}
