// Labelled data that are not part of this repository: they lie in `shared/data` beside it, or where the environment
// variable SACCADE_SHARED says. Tests that need them are skipped where they are not, and say so.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TestContext } from "vitest";
import { type DataFile, dataFile } from "../src/records/data-file.ts";

const repositoryRoot = fileURLToPath(new URL("../../../", import.meta.url));

/** A file of the shared data; skips the test where it is not. */
export function sharedData(path: string, context: TestContext): DataFile {
  const file = join(process.env["SACCADE_SHARED"] ?? join(repositoryRoot, "..", "shared"), "data", path);
  if (!existsSync(file))
    context.skip(`the shared data are not here: ${file} must exist (SACCADE_SHARED names another folder)`);
  return dataFile("the test", file);
}
