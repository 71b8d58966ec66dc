// The gradient of one step: one or more batches forward and back, their gradients added up on the host.

import { dispose, randomStream, type Tensor } from "@saccade/attention-core";
import { type NamedValues, zerosLike } from "../parameters.ts";
import type { GradientRoot, Tape } from "../tape/tape.ts";
import { NonFiniteLossError } from "./errors.ts";
import type { FitOptions, LossTerm, StepContext } from "./fit-options.ts";

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
    const { loss, count, roots } = await sumTerms(tape, terms);
    if (!Number.isFinite(loss)) {
      throw new NonFiniteLossError(
        `Cannot go on training: the loss must be finite, at step ${where.step} it is ${loss}`,
        where.step,
      );
    }
    const gradients = await tape.backward(roots);
    await parameters.readGradients(tape, gradients, into);
    return { loss, count, positions: positions?.(batch) };
  } finally {
    tape[dispose]();
  }
}

/** The weighted sum of terms, and where going back starts. Scores that several terms judge are read once, and go back once. */
async function sumTerms(
  tape: Tape,
  terms: readonly LossTerm[],
): Promise<{ readonly loss: number; readonly count: number; readonly roots: readonly GradientRoot[] }> {
  const distinct = [...new Set(terms.map(({ scores }) => scores))];
  const values = await Promise.all(distinct.map(async (scores) => tape.read(scores)));
  const gradients = new Map<Tensor, Float32Array>();
  let loss = 0;
  let count = 0;
  for (const [i, { scores, weight = 1, loss: lossOf }] of terms.entries()) {
    const made = lossOf(values[distinct.indexOf(scores)] as Float32Array);
    loss += weight * made.loss;
    if (i === 0) count = made.count;
    const sum = gradients.get(scores);
    if (sum)
      gradients.set(
        scores,
        sum.map((value, at) => value + weight * made.gradient[at]!),
      );
    else gradients.set(scores, weight === 1 ? made.gradient : made.gradient.map((value) => value * weight));
  }
  return { loss, count, roots: Array.from(gradients, ([tensor, gradient]) => ({ tensor, gradient })) };
}

function addScaled(sums: Float32Array, values: Float32Array, factor: number): void {
  for (let i = 0; i < sums.length; i += 1) sums[i] = sums[i]! + factor * values[i]!;
}
