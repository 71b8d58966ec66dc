// What a case of the suite for training is: one of a backend that goes backward, with the reference beside it.

import type { Shape, Tensor, TrainingBackend, TrainingWorkspace } from "@saccade/attention-core";
import { createReferenceTrainingBackend } from "@saccade/attention-core/reference";
import { type BackendCase, type CaseContext, withWorkspace } from "../backend-case.ts";
import { leastScale } from "../check/compare.ts";
import { type Random, seeded } from "../random.ts";

/** The largest error of a gradient, relative to the largest of its tensor. */
export const gradientTolerance = 1e-4;

/** One demand of the contract of a training backend. */
export type TrainingCase = BackendCase<TrainingBackend>;

/** What a case runs with. */
export type TrainingCaseContext = CaseContext<TrainingBackend>;

/** A case with the tolerance of gradients. */
export function trainingCase(
  group: string,
  name: string,
  run: (context: TrainingCaseContext) => Promise<void>,
): TrainingCase {
  return { group, name, run, tolerance: gradientTolerance };
}

/** What computes some tensors, by name, from numbers that it draws. */
export type GradientBody = (workspace: TrainingWorkspace, random: Random) => Readonly<Record<string, Tensor>>;

/**
 * A case that runs `body` on the backend and on the reference in float64, with the same numbers, and compares. The scale
 * of a comparison is at least `least`.
 */
export function gradientCase(
  group: string,
  name: string,
  body: GradientBody,
  least: number = leastScale,
): TrainingCase {
  return trainingCase(group, name, async ({ backend, check }) => {
    const seed = `${group}/${name}`;
    const actual = await runBody(backend, seed, body);
    const expected = await withReference((reference) => runBody(reference, seed, body));
    check.same("number of results", [Object.keys(actual).length], [Object.keys(expected).length]);
    for (const [what, { shape, values }] of Object.entries(expected)) {
      check.shape(what, actual[what]!.shape, shape);
      check.close(what, actual[what]!.values, values, least);
    }
  });
}

/** A result, read. */
export interface Result {
  readonly shape: Shape;
  readonly values: Float32Array;
}

/** Runs `body` in a workspace of `backend`, and reads what it computed. */
export async function runBody(
  backend: TrainingBackend,
  seed: string,
  body: GradientBody,
): Promise<Readonly<Record<string, Result>>> {
  return withWorkspace(backend, async (workspace) => {
    const results: Record<string, Result> = {};
    for (const [what, tensor] of Object.entries(body(workspace, seeded(seed)))) {
      results[what] = { shape: tensor.shape, values: await workspace.read(tensor) };
    }
    return results;
  });
}

/** Runs `body` with a reference backend in float64. */
export async function withReference<T>(body: (reference: TrainingBackend) => Promise<T>): Promise<T> {
  await using reference = createReferenceTrainingBackend({ precision: "f64" });
  return await body(reference);
}

/** A tensor of normals. */
export function drawTensor(workspace: TrainingWorkspace, random: Random, shape: Shape, deviation = 1): Tensor {
  return workspace.upload(
    random.normals(
      shape.reduce((a, b) => a * b, 1),
      deviation,
    ),
    shape,
  );
}

/** A tensor of these integers. */
export function integers(workspace: TrainingWorkspace, values: readonly number[], shape: Shape): Tensor<"i32"> {
  return workspace.upload(Int32Array.from(values), shape);
}
