// The folders of a training, looked at before an hour is spent: data to read, a place for the model, a place to stop and go on.

import { accessSync, constants, existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Recipe } from "../recipes/recipe.ts";
import { UsageError } from "./errors.ts";

/** Where a training reads and writes. */
export interface TrainFolders {
  readonly data: string;
  readonly output: string;
  readonly checkpoints: string;
}

/** The file that every model has, so that a folder with it is one. */
const modelList = "files.json";

/**
 * Throws `UsageError` if `data` lacks a file of the recipe, or `output` or `checkpoints` cannot be written, or `output`
 * has files that are no model: a model card would overwrite a README.md that is not its own.
 */
export function checkFolders({ data, output, checkpoints }: TrainFolders, recipe: Pick<Recipe, "name" | "data">): void {
  const missing = recipe.data.filter((file) => !isFile(join(data, file)));
  if (missing.length > 0) {
    const actual = existsSync(data) ? `${data} has no ${missing.join(" and no ")}` : `there is no ${data}`;
    const rule = `--data must be a folder with ${recipe.data.join(" and ")}`;
    throw new UsageError(`Cannot train ${recipe.name}: ${rule}, ${actual}`);
  }
  checkWritable("--output", output);
  checkWritable("--checkpoints", checkpoints);
  if (!existsSync(output)) return;
  const files = readdirSync(output);
  if (files.length > 0 && !files.includes(modelList)) {
    throw new UsageError(`Cannot write --output: it must be new, empty or a model, ${output} has other files`);
  }
}

function checkWritable(option: string, folder: string): void {
  let there = resolve(folder);
  while (!existsSync(there)) there = dirname(there);
  if (!statSync(there).isDirectory()) {
    throw new UsageError(`Cannot write ${option}: it must be a folder, ${there} is a file`);
  }
  try {
    accessSync(there, constants.W_OK);
  } catch (error) {
    throw new UsageError(`Cannot write ${option}: ${there} must be writable: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}
