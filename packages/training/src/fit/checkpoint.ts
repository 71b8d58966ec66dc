// A training as plain data: where it stands, so that it goes on to the same bits.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { HostTensor, Weights } from "@saccade/attention-core";
import { CheckpointMismatchError } from "./errors.ts";

/** Values that survive JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Where a training stands, beside its tensors. Survives JSON. */
export interface TrainingState {
  readonly format: 1;
  /** Of what must be the same to go on: see `trainingHash`. */
  readonly hash: string;
  /** Steps made. */
  readonly step: number;
  readonly epoch: number;
  /** Batches of the epoch that were used. */
  readonly batch: number;
  /** The loss, smoothed over steps; null before the first. */
  readonly loss: number | null;
  /** The step of the last evaluation, -1 for none. */
  readonly evaluated: number;
  /** The last metric, and the best with its step. */
  readonly metric: number | null;
  readonly best: { readonly metric: number; readonly step: number } | null;
  /** Evaluations since the best. */
  readonly waited: number;
  /** Spent in training. */
  readonly seconds: number;
}

/**
 * Named tensors (`weights/NAME`, `first/NAME`, `second/NAME`, `average/NAME`, `averagedAt/NAME`, `best/NAME`) and
 * where the training stands. Copies: training on does not change them.
 */
export interface Checkpoint {
  readonly tensors: Weights;
  readonly state: TrainingState;
}

/** SHA-256 of what must be the same for a training to go on: a JSON value, in whatever order its fields are. */
export function trainingHash(identity: Json): string {
  const sorted = JSON.stringify(identity, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return bytesToHex(sha256(utf8ToBytes(sorted)));
}

/** Throws `CheckpointMismatchError` unless `checkpoint` is of the training that `hash` names. */
export function checkCheckpoint({ state }: Checkpoint, hash: string): void {
  if (state.format !== 1) {
    throw new CheckpointMismatchError(
      `Cannot resume: the checkpoint must be of format 1, it is of ${String(state.format)}`,
      "1",
      String(state.format),
    );
  }
  if (state.hash === hash) return;
  throw new CheckpointMismatchError(
    `Cannot resume: the checkpoint must be of this model, seed and settings (${hash}), it is of another (${state.hash})`,
    hash,
    state.hash,
  );
}

/** The tensors of `tensors` whose names start with `prefix`, without it. */
export function withoutPrefix(tensors: Weights, prefix: string): Map<string, HostTensor> {
  const found = new Map<string, HostTensor>();
  for (const [name, tensor] of tensors) if (name.startsWith(prefix)) found.set(name.slice(prefix.length), tensor);
  return found;
}

/** Copies of `weights`, each name with `prefix` before it. */
export function withPrefix(weights: Weights, prefix: string): Map<string, HostTensor> {
  const copies = new Map<string, HostTensor>();
  for (const [name, { values, shape }] of weights) copies.set(prefix + name, { values: values.slice(), shape });
  return copies;
}
