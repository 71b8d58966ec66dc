// Checkpoints as files of a folder, each written whole or not at all: tensors as safetensors, where training stands in the
// file's metadata.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readSafetensors, readWeights, writeWeights } from "@saccade/model-files";
import { writeModelDirectory } from "@saccade/model-files/node";
import type { Checkpoint, TrainingState } from "@saccade/training";
import type { CheckpointStore } from "./recipe.ts";

const stateKey = "state";

/** Checkpoints in `folder`. Without `resume` none is loaded, and those that are there are overwritten. */
export function checkpointFiles(folder: string, resume: boolean): CheckpointStore {
  const fileOf = (name: string): string => `${name}.safetensors`;
  return {
    async load(name) {
      if (!resume) return undefined;
      const file = join(folder, fileOf(name));
      let bytes: Uint8Array;
      try {
        bytes = await readFile(file);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
      const state = readSafetensors(bytes, { file }).metadata.get(stateKey);
      if (state === undefined)
        throw new Error(`Cannot resume: ${file} must be a checkpoint of a training, it is another file`);
      return { tensors: readWeights(bytes, { file }), state: JSON.parse(state) as TrainingState };
    },
    async save(name, { tensors, state }: Checkpoint) {
      const bytes = writeWeights(tensors, { metadata: new Map([[stateKey, JSON.stringify(state)]]) });
      await writeModelDirectory(folder, { [fileOf(name)]: bytes });
    },
  };
}
