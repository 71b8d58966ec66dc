// The loop of training: batch, loss, gradient, step; now and then an evaluation and a checkpoint. Nothing in it depends
// on time but when checkpoints are written, so that a seed gives the same weights, stopped and resumed or not.

import { checkWeights, type HostTensor, type Weights } from "@saccade/attention-core";
import { clipFactor, globalNorm } from "../optimizer/global-norm.ts";
import { createOptimizer, type Optimizer } from "../optimizer/optimizer.ts";
import { checkSchedule, rateAt } from "../optimizer/schedule.ts";
import {
  checkCheckpoint,
  type Checkpoint,
  type Json,
  trainingHash,
  type TrainingState,
  withoutPrefix,
  withPrefix,
} from "./checkpoint.ts";
import { NonFiniteLossError } from "./errors.ts";
import type { FitOptions, FitResult } from "./fit-options.ts";
import { type GradientStep, gradientSteps, type StepGradient } from "./gradient-step.ts";
import { createPace, type Pace } from "./pace.ts";

const lossMemory = 0.95;

/**
 * Trains. Rejects with the reason of an aborted signal, with `NonFiniteLossError` for a loss or gradient that is not
 * finite, with `CheckpointMismatchError` for a checkpoint of another training, and with what its functions throw; the
 * weights are then those of the last whole step, and `save` has been called with them.
 *
 * @example
 * const { weights, best } = await fit({
 *   backend, parameters, seed: 1, epochs: 10,
 *   batches: shuffledBatches(lengths, { positions: 2000, seed: 1 }),
 *   forward: async (tape, numbers) => [{ scores: await score(tape, numbers), loss: (values) => crossEntropy(values, labelsOf(numbers)) }],
 *   optimizer: { kind: "adamW", averaging: 0.998 },
 *   schedule: { kind: "cosine", rate: 2e-3, warmup: 100 },
 * });
 */
export async function fit<Batch>(options: FitOptions<Batch>): Promise<FitResult> {
  const training = new Training(options);
  try {
    await training.run();
  } catch (error) {
    if (!training.saving) await training.save();
    throw error;
  }
  return training.finish();
}

class Training<Batch> {
  /** Whether `save` is running: then an error is its own, and it is not called again. */
  saving = false;
  readonly #options: FitOptions<Batch>;
  readonly #optimizer: Optimizer;
  readonly #gradientOf: GradientStep<Batch>;
  readonly #steps: number;
  readonly #evaluateEvery: number;
  readonly #hash: string;
  readonly #pace: Pace;
  #state: TrainingState;
  #best: Weights | null = null;
  #epoch: { readonly number: number; readonly batches: readonly Batch[] };
  #savedAt = performance.now();

  constructor(options: FitOptions<Batch>) {
    const { parameters, optimizer, batches, resume } = options;
    checkOptions(options);
    this.#options = options;
    this.#optimizer = createOptimizer(parameters.specs, parameters.weights, optimizer);
    this.#gradientOf = gradientSteps(options);
    const stepsPerEpoch = batches(0).length / (options.accumulate ?? 1);
    this.#steps = options.steps ?? Math.ceil((options.epochs ?? 0) * stepsPerEpoch);
    this.#evaluateEvery = options.evaluateEvery ?? Math.max(1, Math.round(stepsPerEpoch));
    this.#hash = trainingHash(identityOf(options, this.#steps));
    this.#state = resume ? this.#restore(resume) : startOf(this.#hash);
    this.#epoch = this.#openEpoch(this.#state.epoch);
    this.#pace = createPace(this.#state.seconds);
  }

  async run(): Promise<void> {
    const { signal, evaluate, save, patience = Infinity, saveEverySeconds = 180 } = this.#options;
    this.#options.parameters.upload();
    for (;;) {
      signal?.throwIfAborted();
      const { step, evaluated, waited } = this.#state;
      const ends = step >= this.#steps;
      if (evaluate && step > 0 && evaluated !== step && (ends || step % this.#evaluateEvery === 0)) {
        await this.#evaluate(evaluate);
        continue;
      }
      if (save && (ends || performance.now() - this.#savedAt >= saveEverySeconds * 1000)) await this.save();
      if (ends || waited >= patience) return;
      this.#pace.restart();
      await this.#step();
    }
  }

  async #step(): Promise<void> {
    const { parameters, schedule, clip, accumulate = 1 } = this.#options;
    const { step, epoch } = this.#state;
    const { batches, next } = this.#take(accumulate);
    const made = await this.#gradientOf(batches, step, epoch);
    const norm = globalNorm(made.gradients.values()) * made.scale;
    if (!Number.isFinite(norm)) {
      throw new NonFiniteLossError(
        `Cannot go on training: the gradient must be finite, at step ${step} its norm is ${norm}`,
        step,
      );
    }
    const factor = made.scale * (clip === undefined ? 1 : clipFactor(norm, clip));
    const rate = rateAt(schedule, step, this.#steps);
    this.#optimizer.step(made.gradients, rate, factor);
    this.#pace.note(made.positions);
    this.#state = {
      ...this.#state,
      ...next,
      step: step + 1,
      loss: smoothed(this.#state.loss, made),
      seconds: this.#pace.seconds,
    };
    parameters.upload();
    this.#tell(rate);
  }

  /** The next `count` batches, and the place after them. */
  #take(count: number): { batches: Batch[]; next: { readonly epoch: number; readonly batch: number } } {
    let { epoch, batch } = this.#state;
    const batches: Batch[] = [];
    while (batches.length < count) {
      if (this.#epoch.number !== epoch) this.#epoch = this.#openEpoch(epoch);
      const found = this.#epoch.batches;
      if (batch < found.length) batches.push(found[batch] as Batch);
      batch += 1;
      if (batch >= found.length) [epoch, batch] = [epoch + 1, 0];
    }
    return { batches, next: { epoch, batch } };
  }

  #openEpoch(number: number): { readonly number: number; readonly batches: readonly Batch[] } {
    const batches = this.#options.batches(number);
    if (batches.length === 0)
      throw new RangeError(`Cannot train: every epoch must have batches, epoch ${number} has none`);
    return { number, batches };
  }

  async #evaluate(evaluate: (weights: Weights) => Promise<number>): Promise<void> {
    const { parameters, better = "higher" } = this.#options;
    const averages = this.#optimizer.averages();
    parameters.upload(averages);
    let metric: number;
    try {
      metric = await evaluate(averages);
    } finally {
      parameters.upload();
    }
    const { best, step, waited } = this.#state;
    const improves = best === null || (better === "higher" ? metric > best.metric : metric < best.metric);
    if (improves) this.#best = averages;
    this.#state = {
      ...this.#state,
      metric,
      evaluated: step,
      best: improves ? { metric, step } : best,
      waited: improves ? 0 : waited + 1,
    };
    this.#tell(rateAt(this.#options.schedule, step, this.#steps));
  }

  #tell(rate: number): void {
    const { step, epoch, loss, metric, best } = this.#state;
    const { positionsPerSecond, secondsPerStep } = this.#pace;
    const secondsLeft = secondsPerStep * (this.#steps - step);
    this.#options.onProgress?.({
      step,
      steps: this.#steps,
      epoch,
      loss: loss ?? 0,
      rate,
      metric,
      best,
      positionsPerSecond,
      secondsLeft,
    });
  }

  async save(): Promise<void> {
    const { save, parameters } = this.#options;
    if (!save) return;
    this.saving = true;
    const tensors = new Map<string, HostTensor>([
      ...withPrefix(parameters.weights, "weights/"),
      ...this.#optimizer.state(),
      ...(this.#best ? withPrefix(this.#best, "best/") : []),
    ]);
    await save({ tensors, state: this.#state });
    this.#savedAt = performance.now();
    this.saving = false;
  }

  #restore(checkpoint: Checkpoint): TrainingState {
    const { parameters } = this.#options;
    checkCheckpoint(checkpoint, this.#hash);
    const weights = withoutPrefix(checkpoint.tensors, "weights/");
    checkWeights(parameters.specs, weights);
    this.#optimizer.restore(checkpoint.tensors, checkpoint.state.step);
    for (const [name, { values }] of parameters.weights) values.set(weights.get(name)?.values ?? []);
    const best = withoutPrefix(checkpoint.tensors, "best/");
    this.#best = best.size > 0 ? best : null;
    return checkpoint.state;
  }

  finish(): FitResult {
    const { best, step, loss } = this.#state;
    const weights = this.#best ?? this.#optimizer.averages();
    this.#options.parameters.upload(weights);
    return { weights, best, steps: step, loss: loss ?? 0 };
  }
}

function smoothed(before: number | null, { loss }: StepGradient): number {
  return before === null ? loss : lossMemory * before + (1 - lossMemory) * loss;
}

function startOf(hash: string): TrainingState {
  return {
    format: 1,
    hash,
    step: 0,
    epoch: 0,
    batch: 0,
    loss: null,
    evaluated: -1,
    metric: null,
    best: null,
    waited: 0,
    seconds: 0,
  };
}

/** What must be the same to resume. The number of steps is part of it where the rate depends on it. */
function identityOf<Batch>(options: FitOptions<Batch>, steps: number): Json {
  const {
    parameters,
    optimizer,
    schedule,
    seed,
    clip,
    accumulate = 1,
    attentionDropout = 0,
    identity = null,
  } = options;
  return {
    specs: parameters.specs.map(({ name, shape, role }) => [name, shape, role]),
    optimizer: { ...optimizer },
    schedule: { ...schedule },
    steps: schedule.kind === "constant" ? null : steps,
    seed,
    clip: clip ?? null,
    accumulate,
    attentionDropout,
    identity,
  };
}

function checkOptions<Batch>({ steps, epochs, schedule, clip, accumulate = 1, seed }: FitOptions<Batch>): void {
  checkSchedule(schedule);
  if ((steps === undefined) === (epochs === undefined)) {
    throw new RangeError("Cannot train: there must be either steps or epochs, there are both or none");
  }
  const length = steps ?? epochs ?? 0;
  if (!(length >= 0 && length < Infinity))
    throw new RangeError(`Cannot train: steps or epochs must be >= 0, they are ${length}`);
  if (!Number.isSafeInteger(seed)) throw new RangeError(`Cannot train: seed must be a safe integer, it is ${seed}`);
  if (clip !== undefined && !(clip > 0)) throw new RangeError(`Cannot train: clip must be > 0, it is ${clip}`);
  if (!(Number.isInteger(accumulate) && accumulate >= 1)) {
    throw new RangeError(`Cannot train: accumulate must be an integer >= 1, it is ${accumulate}`);
  }
}
