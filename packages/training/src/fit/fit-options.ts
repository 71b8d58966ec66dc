// What a training is made of.

import type { RandomStream, Tensor, Weights } from "@saccade/attention-core";
import type { DifferentiableBackend } from "../differentiable.ts";
import type { Loss } from "../losses/loss.ts";
import type { OptimizerSettings } from "../optimizer/optimizer.ts";
import type { Schedule } from "../optimizer/schedule.ts";
import type { ModelParameters } from "../parameters.ts";
import type { Tape } from "../tape/tape.ts";
import type { Checkpoint, Json } from "./checkpoint.ts";

/** Scores and what they should have been; a model may have several, such as auxiliary tasks. */
export interface LossTerm {
  /** A result of the tape. */
  readonly scores: Tensor;
  /** Called with the values of the scores. */
  readonly loss: (values: Float32Array) => Loss;
  /** How much it counts in the sum of terms; default 1. */
  readonly weight?: number;
}

/** Where training stands when a model runs. */
export interface StepContext {
  /** Counted from 0. */
  readonly step: number;
  readonly epoch: number;
  /** For noise of the recipe's own, such as dropping words: the same for the seed and the batch, resumed or not. */
  readonly random: RandomStream;
}

/** Told after each step and each evaluation. */
export interface FitProgress {
  /** Steps made, and those to make. */
  readonly step: number;
  readonly steps: number;
  readonly epoch: number;
  /** The sum of the terms, smoothed over about twenty steps. */
  readonly loss: number;
  readonly rate: number;
  /** What `evaluate` returned last, and the best of it. */
  readonly metric: number | null;
  readonly best: { readonly metric: number; readonly step: number } | null;
  /** Since training began here; a smoothed rate. */
  readonly positionsPerSecond: number;
  readonly secondsLeft: number;
}

/** How to train. */
export interface FitOptions<Batch> {
  readonly backend: DifferentiableBackend;
  /** The model; its weights change. */
  readonly parameters: ModelParameters;
  /** The batches of an epoch, counted from 0; the same for the same epoch. See `shuffledBatches`. */
  readonly batches: (epoch: number) => readonly Batch[];
  /** Runs the model: the terms of the loss. Dropout is the tape's. */
  readonly forward: (
    tape: Tape,
    batch: Batch,
    context: StepContext,
  ) => readonly LossTerm[] | Promise<readonly LossTerm[]>;
  readonly optimizer: OptimizerSettings;
  readonly schedule: Schedule;
  /** Steps to make in all, those before a checkpoint included; or `epochs`, of as many batches as the first has. */
  readonly steps?: number;
  readonly epochs?: number;
  /** A safe integer. */
  readonly seed: number;
  /** The largest norm of all gradients together; default: any. */
  readonly clip?: number;
  /** Batches whose gradients make one step, each counting as much as the first term counted in it; default 1. */
  readonly accumulate?: number;
  /** The share of attention weights that is dropped; default 0. */
  readonly attentionDropout?: number;
  /** Positions of a batch, for progress; default: what the first term counted. */
  readonly positions?: (batch: Batch) => number;
  /**
   * A number that says how good the model is, averages in place of the weights: parameters on the device hold them for
   * the time of the call, in workspaces of `backend`, and `weights` are the same on the host.
   */
  readonly evaluate?: (weights: Weights) => Promise<number>;
  /** Steps between evaluations; default: as many as an epoch has. There is one at the end too. */
  readonly evaluateEvery?: number;
  /** Which numbers are better; default higher. */
  readonly better?: "higher" | "lower";
  /** Stops after so many evaluations in a row that were not better; default: never. */
  readonly patience?: number;
  readonly onProgress?: (progress: FitProgress) => void;
  /** Takes a checkpoint: every `saveEverySeconds`, when the signal aborts, before an error is thrown, and at the end. */
  readonly save?: (checkpoint: Checkpoint) => Promise<void>;
  /** Default 180. */
  readonly saveEverySeconds?: number;
  /** Goes on from a checkpoint of the same training, to the same bits as if it had not stopped. */
  readonly resume?: Checkpoint | undefined;
  /** What else must be the same to resume: the configuration of the model, the version of the data. */
  readonly identity?: Json;
  readonly signal?: AbortSignal | undefined;
}

/** What training returns. */
export interface FitResult {
  /** The best by `evaluate`, else the averages at the end, else the weights: also what the parameters on the device hold now. */
  readonly weights: Weights;
  readonly best: { readonly metric: number; readonly step: number } | null;
  /** Steps made. */
  readonly steps: number;
  /** The loss at the end, smoothed. */
  readonly loss: number;
}
