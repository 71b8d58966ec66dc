// Tasks that give a number to a molecule: what solubility and lipophilicity have in common.

import type { ModelSource } from "@saccade/model-files";
import { rootMeanSquaredErrorOf } from "@saccade/graph-nodes";
import type { MoleculeValue } from "@saccade/graph-nodes/molecules";
import type { Modality, Pipeline } from "@saccade/pipeline";
import { readMeasuredMolecules } from "../../recipes/graph/measured-molecules.ts";
import { openPipeline } from "../open-pipeline.ts";
import type { Task } from "../task.ts";

/** A task of this kind. */
export interface MoleculeTaskPlan {
  readonly modality: Modality<string, MoleculeValue, "set-label">;
  readonly summary: string;
  readonly shipped: ModelSource | undefined;
  /** The column of measured numbers. */
  readonly column: string;
}

/** The task on the command line: SMILES strings go in; evaluation takes a table of molecules and measured numbers. */
export function moleculeTask({ modality, summary, shipped, column }: MoleculeTaskPlan): Task {
  return {
    name: modality.name,
    summary,
    shipped,
    labelled: `columns smiles and ${column} between tabs, named in the first line`,
    async open(options) {
      const pipeline = await openPipeline(modality, options);
      return {
        pipeline: pipeline as Pipeline<unknown, unknown>,
        inputOf: smilesOf,
        fieldsOf: (output) => {
          const { value, unit } = output as MoleculeValue;
          return { value, unit };
        },
        evaluate: async ({ data, signal, onProgress }) => {
          const molecules = readMeasuredMolecules(data.text(), column);
          const found = await pipeline.run(
            molecules.map(({ smiles }) => smiles),
            { signal, onProgress: ({ percent }) => onProgress(percent / 100) },
          );
          const gold = molecules.map(({ value }) => value);
          const error = rootMeanSquaredErrorOf(
            gold,
            found.map(({ value }) => value),
          );
          const unit = found[0]?.unit ?? "";
          return [{ metric: "RMSE", ...error, unit, better: "lower", data: data.name }];
        },
      };
    },
  };
}

/** The SMILES string of a record: a JSON string, or an object with `smiles`. Throws `TypeError` if it has none. */
export function smilesOf(record: unknown): string {
  if (typeof record === "string") return record.trim();
  if (typeof record === "object" && record !== null) {
    const { smiles } = record as { readonly smiles?: unknown };
    if (typeof smiles === "string") return smiles.trim();
  }
  throw new TypeError(
    'Cannot read record: it must be a SMILES string, or an object with "smiles", a string; it is neither',
  );
}
