// The gradient of one step: one or more batches forward and back, their gradients added up on the host.

import { dispose, randomStream } from "@saccade/attention-core";
import { type NamedValues, zerosLike } from "../parameters.ts";
import { NonFiniteLossError } from "./errors.ts";
import type { FitOptions, StepContext } from "./fit-options.ts";

/** What a step's batches came to. */
export interface StepGradient {
  readonly gradients: NamedValues;
  /** To multiply gradients with: the mean over what was counted. */
  readonly scale: number;
  readonly loss: number;
  readonly positions: number;
}

/** Computes gradients of steps, in arrays that are used again. */
export type GradientStep<Batch> = (batches: readonly Batch[], step: number, epoch: number) => Promise<StepGradient>;

/** Opens the arrays that `options` need. */
export function gradientSteps<Batch>(options: FitOptions<Batch>): GradientStep<Batch> {
  const { parameters, accumulate = 1 } = options;
  const sums = zerosLike(parameters.weights);
  const scratch = accumulate > 1 ? zerosLike(parameters.weights) : sums;
  return async (batches, step, epoch) => {
    if (accumulate === 1) {
      const { loss, count, positions } = await runBatch(options, batches[0] as Batch, { step, epoch }, 0, sums);
      return { gradients: sums, scale: 1, loss, positions: positions ?? count };
    }
    let [total, loss, positions] = [0, 0, 0];
    for (const values of sums.values()) values.fill(0);
    for (const [part, batch] of batches.entries()) {
      const made = await runBatch(options, batch, { step, epoch }, part, scratch);
      for (const [name, values] of sums) addScaled(values, scratch.get(name) as Float32Array, made.count);
      total += made.count;
      loss += made.loss * made.count;
      positions += made.positions ?? made.count;
    }
    return { gradients: sums, scale: total === 0 ? 0 : 1 / total, loss: total === 0 ? 0 : loss / total, positions };
  };
}

interface BatchGradient {
  readonly loss: number;
  readonly count: number;
  readonly positions: number | undefined;
}

async function runBatch<Batch>(
  { backend, parameters, forward, seed, attentionDropout, signal, positions }: FitOptions<Batch>,
  batch: Batch,
  where: Pick<StepContext, "step" | "epoch">,
  part: number,
  into: NamedValues,
): Promise<BatchGradient> {
  const name = `step ${where.step}.${part}`;
  const tape = backend.tape({ signal, attentionDropout, seed: randomStream(seed, name).bits() });
  try {
    const terms = await forward(tape, batch, { ...where, random: randomStream(seed, `${name} recipe`) });
    const values = await Promise.all(terms.map(async ({ scores }) => tape.read(scores)));
    const losses = terms.map((term, i) => term.loss(values[i] as Float32Array));
    const roots = terms.map(({ scores, weight = 1 }, i) => {
      const gradient = losses[i]?.gradient ?? new Float32Array();
      return { tensor: scores, gradient: weight === 1 ? gradient : gradient.map((value) => value * weight) };
    });
    const loss = terms.reduce((sum, { weight = 1 }, i) => sum + weight * (losses[i]?.loss ?? 0), 0);
    if (!Number.isFinite(loss)) {
      throw new NonFiniteLossError(
        `Cannot go on training: the loss must be finite, at step ${where.step} it is ${loss}`,
        where.step,
      );
    }
    const gradients = await tape.backward(roots);
    await parameters.readGradients(tape, gradients, into);
    return { loss, count: losses[0]?.count ?? 0, positions: positions?.(batch) };
  } finally {
    tape[dispose]();
  }
}

function addScaled(sums: Float32Array, values: Float32Array, factor: number): void {
  for (let i = 0; i < sums.length; i += 1) sums[i] = sums[i]! + factor * values[i]!;
}
