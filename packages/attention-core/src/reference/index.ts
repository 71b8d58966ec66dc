// The reference backend: the operations in loops that one can read, with sums in float64. It is the specification of
// the contract and the oracle of its tests, and makes no attempt to be fast. For training it is a backend of its own.

import { Reference, type ReferenceBackend, type ReferenceOptions } from "./reference-backend.ts";
import { ReferenceWorkspace } from "./workspace.ts";

export type { ReferenceBackend, ReferenceOptions } from "./reference-backend.ts";
export { createReferenceTrainingBackend, type ReferenceTrainingBackend } from "./training/index.ts";

/**
 * Opens the reference backend.
 *
 * @example
 * await using backend = createReferenceBackend();
 * using workspace = backend.workspace();
 * const x = workspace.upload(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * const sums = await workspace.read(workspace.pool(x, Int32Array.of(0, 2), "sum")); // [4, 6]
 */
export function createReferenceBackend(options: ReferenceOptions = {}): ReferenceBackend {
  return new Reference(options, (arena, signal) => new ReferenceWorkspace(arena, signal));
}
