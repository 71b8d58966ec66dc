// Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019) over weights on the host, with averages of them.

import {
  type HostTensor,
  ModelMismatchError,
  type WeightRole,
  type Weights,
  type WeightSpec,
} from "@saccade/attention-core";
import type { NamedValues } from "../parameters.ts";
import { type AdamArrays, type AdamStep, dropTinyMoments, stepsBetweenDrops, stepValues } from "./adam-loop.ts";
import { averagingDecay, DecaySums } from "./averaging.ts";

/** An optimiser, as plain data. */
export interface OptimizerSettings {
  /** What `decay` does: shrinks weights beside the step (adamW), or is added to gradients as decay · weight, L2 (adam). */
  readonly kind: "adamW" | "adam";
  /** Default 0.9. */
  readonly beta1?: number;
  /** Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
  /** Default 0.01 for adamW, 0 for adam. */
  readonly decay?: number;
  /** The roles of weights that decay; default matrices and embeddings, not biases, gains and tables. */
  readonly decays?: readonly WeightRole[];
  /** 0 < d < 1, the decay of an exponential average of the weights (see `averagingDecay`); default: none is kept. */
  readonly averaging?: number;
  /**
   * Leaves rows of embeddings alone whose gradient is all zeros: their moments do not fade, they do not decay, and
   * they do not move on by what the moments remember. Not the same training, though close to it where rows are rare, and
   * faster; averages are those of the weights in any case. Default false.
   */
  readonly lazy?: boolean;
}

/** An optimiser at work: it changes the weights that it was made for. */
export interface Optimizer {
  /** Steps made. */
  readonly steps: number;
  /** Makes a step with `gradients` · `scale`, at learning rate `rate`. */
  step(gradients: NamedValues, rate: number, scale?: number): void;
  /** A copy of the averaged weights; of the weights where no average is kept. */
  averages(): Weights;
  /** A copy of all that it remembers but `steps`, by name. */
  state(): Map<string, HostTensor>;
  /** Puts back what `state` returned after `steps` steps. Throws `ModelMismatchError` for tensors of another model or settings. */
  restore(state: Weights, steps: number): void;
}

interface Slot extends AdamArrays {
  readonly spec: WeightSpec;
  readonly decays: boolean;
  /** The width of a row, and the update up to which each row's average is; null where all rows are stepped. */
  readonly lazy: { readonly width: number; readonly averagedAt: Float32Array } | null;
}

/** Throws `RangeError` for settings out of range. */
export function createOptimizer(
  specs: readonly WeightSpec[],
  weights: Weights,
  settings: OptimizerSettings,
): Optimizer {
  checkSettings(settings);
  return new Adam(specs, weights, settings);
}

class Adam implements Optimizer {
  steps = 0;
  readonly #settings: OptimizerSettings;
  readonly #slots: readonly Slot[];
  readonly #sums: DecaySums;

  constructor(specs: readonly WeightSpec[], weights: Weights, settings: OptimizerSettings) {
    const { averaging, lazy = false, decays = ["matrix", "embedding"] } = settings;
    this.#settings = settings;
    this.#sums = new DecaySums(averaging ?? 0);
    this.#slots = specs.map((spec) => {
      const { values } = found(weights, spec.name, spec.shape);
      const [rows = 0, width = 0] = spec.shape;
      return {
        spec,
        weights: values,
        first: new Float32Array(values.length),
        second: new Float32Array(values.length),
        average: averaging === undefined ? values : values.slice(),
        decays: decays.includes(spec.role),
        lazy: lazy && spec.role === "embedding" ? { width, averagedAt: new Float32Array(rows) } : null,
      };
    });
  }

  step(gradients: NamedValues, rate: number, scale = 1): void {
    const { kind, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, averaging = 0 } = this.#settings;
    const decay = this.#settings.decay ?? (kind === "adamW" ? 0.01 : 0);
    const t = this.steps + 1;
    for (const slot of this.#slots) {
      const gradient = gradients.get(slot.spec.name);
      if (!gradient || gradient.length !== slot.weights.length) {
        throw new RangeError(
          `Cannot step: "${slot.spec.name}" must have ${slot.weights.length} gradients, it has ${gradient?.length ?? 0}`,
        );
      }
      const step: AdamStep = {
        scale,
        beta1,
        beta2,
        epsilon,
        rate: rate / (1 - beta1 ** t),
        spread: 1 / Math.sqrt(1 - beta2 ** t),
        shrink: kind === "adamW" && slot.decays ? rate * decay : 0,
        penalty: kind === "adam" && slot.decays ? decay : 0,
        share: 1 - averagingDecay(averaging, this.steps),
      };
      if (slot.lazy) this.#stepRows(slot, slot.lazy, gradient, step);
      else stepValues(slot, gradient, 0, gradient.length, step);
      if (t % stepsBetweenDrops === 0) dropTinyMoments(slot);
    }
    this.steps = t;
  }

  /** The average of a row that stood still moves towards it as if it had been updated each time. */
  #stepRows(
    slot: Slot,
    { width, averagedAt }: NonNullable<Slot["lazy"]>,
    gradient: Float32Array,
    step: AdamStep,
  ): void {
    for (let row = 0; row < averagedAt.length; row += 1) {
      const from = row * width;
      const to = from + width;
      if (isZero(gradient, from, to)) continue;
      catchUp(slot, slot.average, from, to, this.#sums.between(averagedAt[row]!, this.steps));
      stepValues(slot, gradient, from, to, step);
      averagedAt[row] = this.steps + 1;
    }
  }

  averages(): Weights {
    const copies = new Map<string, HostTensor>();
    for (const slot of this.#slots) {
      const values = slot.average.slice();
      if (slot.lazy) {
        const { width, averagedAt } = slot.lazy;
        for (const [row, at] of averagedAt.entries()) {
          if (at < this.steps)
            catchUp(slot, values, row * width, (row + 1) * width, this.#sums.between(at, this.steps));
        }
      }
      copies.set(slot.spec.name, { values, shape: slot.spec.shape });
    }
    return copies;
  }

  state(): Map<string, HostTensor> {
    const tensors = new Map<string, HostTensor>();
    for (const [name, values, shape] of this.#arrays()) tensors.set(name, { values: values.slice(), shape });
    return tensors;
  }

  restore(state: Weights, steps: number): void {
    const arrays = [...this.#arrays()];
    const read = arrays.map(([name, , shape]) => found(state, name, shape).values);
    for (const [i, [, values]] of arrays.entries()) values.set(read[i]!);
    this.steps = steps;
  }

  *#arrays(): Iterable<readonly [name: string, values: Float32Array, shape: readonly number[]]> {
    for (const { spec, weights, first, second, average, lazy } of this.#slots) {
      yield [`first/${spec.name}`, first, spec.shape];
      yield [`second/${spec.name}`, second, spec.shape];
      if (average !== weights) yield [`average/${spec.name}`, average, spec.shape];
      if (lazy) yield [`averagedAt/${spec.name}`, lazy.averagedAt, [lazy.averagedAt.length]];
    }
  }
}

/** `average` moved towards weights that stood still, `left` being what remains of the difference. */
function catchUp({ weights }: Slot, average: Float32Array, from: number, to: number, left: number): void {
  if (average === weights || left === 1) return;
  for (let i = from; i < to; i += 1) average[i] = weights[i]! + left * (average[i]! - weights[i]!);
}

function isZero(values: Float32Array, from: number, to: number): boolean {
  for (let i = from; i < to; i += 1) if (values[i] !== 0) return false;
  return true;
}

function found(weights: Weights, name: string, shape: readonly number[]): HostTensor {
  const tensor = weights.get(name);
  const size = shape.reduce((product, length) => product * length, 1);
  if (tensor?.values.length === size) return tensor;
  throw new ModelMismatchError(
    `Cannot use weights: "${name}" must have ${size} values, it has ${tensor ? tensor.values.length : "none"}`,
  );
}

function checkSettings({
  kind,
  beta1 = 0.9,
  beta2 = 0.999,
  epsilon = 1e-8,
  decay = 0,
  averaging,
}: OptimizerSettings): void {
  const check = (name: string, fits: boolean, rule: string, actual: unknown): void => {
    if (!fits) throw new RangeError(`Cannot use optimiser: ${name} must be ${rule}, it is ${String(actual)}`);
  };
  check("kind", kind === "adamW" || kind === "adam", "adamW or adam", kind);
  check("beta1", beta1 >= 0 && beta1 < 1, "from 0 to below 1", beta1);
  check("beta2", beta2 >= 0 && beta2 < 1, "from 0 to below 1", beta2);
  check("epsilon", epsilon > 0, "> 0", epsilon);
  check("decay", decay >= 0, ">= 0", decay);
  check("averaging", averaging === undefined || (averaging > 0 && averaging < 1), "between 0 and 1", averaging);
}
