// What the commands `run` and `evaluate` know of a task.

import type { ModelSource, OpenModel } from "@saccade/model-files";
import type { BackendChoice, OpenBackend, Pipeline } from "@saccade/pipeline";
import type { DataFile } from "../records/data-file.ts";
import type { Figure } from "../recipes/recipe.ts";
import type { Comparison } from "./compare-outputs.ts";

/** How to open a task. */
export interface OpenTask {
  readonly model: OpenModel;
  readonly backends: readonly OpenBackend[];
  readonly signal: AbortSignal;
  readonly second?: SecondBackend;
}

/** Backends that compute the same beside the first ones. */
export interface SecondBackend {
  readonly backends: readonly OpenBackend[];
  /** How many inputs of each run are computed twice. */
  readonly limit: number;
  /** What came of it. */
  readonly comparison: Comparison;
  readonly onOpen: (choice: BackendChoice) => void;
}

/** How to evaluate one. */
export interface EvaluateTask {
  readonly data: DataFile;
  readonly signal: AbortSignal;
  /** A share from 0 to 1. */
  readonly onProgress: (share: number) => void;
}

/** A task: what goes in, what comes out, and how good it is. Inputs and outputs are plain data for JSON. */
export interface Task {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** The model that is shipped, if one is. */
  readonly shipped: ModelSource | undefined;
  /** What the data of `evaluate` is. */
  readonly labelled: string;
  open(options: OpenTask): Promise<OpenedTask>;
}

/** A task in use. */
export interface OpenedTask {
  readonly pipeline: Pipeline<unknown, unknown>;
  /** The input that a record of JSON lines stands for, or a promise of it. Throws or rejects with `TypeError` if it is none. */
  readonly inputOf: (record: unknown) => unknown;
  /** The output as the fields of a JSON object. */
  readonly fieldsOf: (output: unknown) => Readonly<Record<string, unknown>>;
  evaluate(options: EvaluateTask): Promise<readonly Figure[]>;
}
