// What a case of the suite for training is: one of a backend that goes backward, with the reference beside it.

import type { TrainingBackend, TrainingWorkspace } from "@saccade/attention-core";
import { createReferenceTrainingBackend } from "@saccade/attention-core/reference";
import { type BackendCase, type CaseContext, withWorkspace } from "../backend-case.ts";
import { type Random, seeded } from "../random.ts";

/** The largest error of a gradient, relative to the largest of its tensor. */
export const gradientTolerance = 1e-4;

/** One demand of the contract of a training backend. */
export type TrainingCase = BackendCase<TrainingBackend>;

/** What a case runs with. */
export type TrainingCaseContext = CaseContext<TrainingBackend>;

/** Arrays by name: what a body of `gradientCase` gives back. */
export type Gradients = Readonly<Record<string, Float32Array>>;

/** A case that runs `body` on the backend and on the reference in float64, with the same numbers, and compares. */
export function gradientCase(
  group: string,
  name: string,
  body: (workspace: TrainingWorkspace, random: Random) => Promise<Gradients>,
): TrainingCase {
  return trainingCase(group, name, async ({ backend, check }) => {
    const run = (on: TrainingBackend): Promise<Gradients> =>
      withWorkspace(on, (workspace) => body(workspace, seeded(`${group}/${name}`)));
    const [actual, expected] = [await run(backend), await withReference(run)];
    for (const [what, values] of Object.entries(expected)) check.close(what, actual[what]!, values);
  });
}

/** A case with the tolerance of gradients. */
export function trainingCase(
  group: string,
  name: string,
  run: (context: TrainingCaseContext) => Promise<void>,
): TrainingCase {
  return { group, name, run, tolerance: gradientTolerance };
}

/** Runs `body` with a reference backend in float64. */
export async function withReference<T>(body: (reference: TrainingBackend) => Promise<T>): Promise<T> {
  await using reference = createReferenceTrainingBackend({ precision: "f64" });
  return await body(reference);
}
