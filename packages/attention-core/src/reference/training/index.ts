// The reference backend for training: the specification of every gradient, in loops that one can read.

import type { TrainingBackend, TrainingWorkspace } from "../../training.ts";
import { Reference, type ReferenceBackend, type ReferenceOptions } from "../reference-backend.ts";
import { ReferenceTrainingWorkspace } from "./workspace.ts";

/** A reference backend whose workspaces can go backward. */
export interface ReferenceTrainingBackend extends ReferenceBackend, TrainingBackend {
  workspace(signal?: AbortSignal): TrainingWorkspace;
}

/**
 * Opens the reference backend for training. Where `precision` is "f64" its gradients are those of the formula to about
 * 12 digits.
 *
 * @example
 * await using backend = createReferenceTrainingBackend();
 * using workspace = backend.workspace();
 * const x = workspace.upload(Float32Array.of(-1, 2), [1, 2]);
 * const dy = workspace.upload(Float32Array.of(3, 3), [1, 2]);
 * const dx = await workspace.read(workspace.activateGradient(x, "relu", dy)); // [0, 3]
 */
export function createReferenceTrainingBackend(options: ReferenceOptions = {}): ReferenceTrainingBackend {
  return new Reference(options, (arena, signal) => new ReferenceTrainingWorkspace(arena, signal));
}
