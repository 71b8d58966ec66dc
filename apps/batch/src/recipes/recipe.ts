// What a training recipe is: from a folder of labelled data to the files of a model, by settings that are written down.

import type { HostTensor } from "@saccade/attention-core";
import type { Checkpoint, DifferentiableBackend, FitProgress } from "@saccade/training";

/** Where a training keeps its checkpoints. A recipe may consist of several trainings, each with a name. */
export interface CheckpointStore {
  load(name: string): Promise<Checkpoint | undefined>;
  save(name: string, checkpoint: Checkpoint): Promise<void>;
}

/** What `saccade train` hands a recipe. */
export interface RecipeRun {
  /** The text of a file of the data folder; throws an error that names the file. */
  readonly read: (file: string) => string;
  /** The bytes of a file of the data folder; throws an error that names the file. */
  readonly bytes: (file: string) => Uint8Array;
  readonly backend: DifferentiableBackend;
  readonly seed: number;
  /** Instead of the recipe's own number. */
  readonly epochs: number | undefined;
  readonly checkpoints: CheckpointStore;
  /** Told after each step; `part` names the training, where there are several. */
  readonly onProgress: (part: string, progress: FitProgress) => void;
  /** A line of what was found: told as it comes. */
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
}

/** A figure on data that training did not see. */
export interface Figure {
  readonly metric: string;
  readonly value: number;
  /** Of a figure that is no share, such as "log mol/l". */
  readonly unit?: string;
  /** Which values are better; default higher. */
  readonly better?: "higher" | "lower";
  /** Of what, such as words. */
  readonly count: number;
  readonly data: string;
}

/** A model that a recipe made. */
export interface TrainedModel {
  /** config.json, its name among it. */
  readonly config: { readonly name: string };
  readonly weights: ReadonlyMap<string, HostTensor>;
  /** Other files by path. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly figures: readonly Figure[];
  /** How the weights are stored; default in eight bits. */
  readonly storage?: "f32" | "f16" | "int8";
  /** How long training took in all, for one that may go on from a checkpoint; default: the time of its seed. */
  readonly seconds?: number;
}

/** A way to train a model. */
export interface Recipe {
  /** Of the task: "text/upos". */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** Files of the data folder that it reads. */
  readonly data: readonly string[];
  /** For the model card: data sets with authors and licence, and what the model is good for. */
  readonly card: { readonly title: string; readonly licence: string; readonly about: readonly string[] };
  train(run: RecipeRun): Promise<TrainedModel>;
}
