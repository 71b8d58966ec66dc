// A backend whose workspaces can be walked back. The encoder that is trained is the encoder that runs: layers, heads
// and losses see an ordinary backend.

import {
  asyncDispose,
  type AttentionPattern,
  type AttentionPlan,
  type Backend,
  type BackendLimits,
  dispose,
  type DTypeOf,
  randomStream,
  type Shape,
  type Tensor,
  type TrainingBackend,
} from "@saccade/attention-core";
import { Held } from "./tape/held.ts";
import type { Tape } from "./tape/tape.ts";
import { openTape } from "./tape/tape-workspace.ts";
import { traceTensor } from "./tape/traced-tensor.ts";

/** How to open a tape. */
export interface TapeOptions {
  readonly signal?: AbortSignal | undefined;
  /** Of dropout: the same seed drops the same elements. A safe integer; default 0. */
  readonly seed?: number | undefined;
  /** The share of attention weights that every attention of the tape drops, 0 <= rate < 1; default 0. */
  readonly attentionDropout?: number | undefined;
}

/** A tensor whose gradient is asked for, and whose values may be replaced under its handle. */
export interface Parameter extends Disposable {
  readonly tensor: Tensor;
  /** Puts other values in their place, of the same shape. What a tape recorded before keeps those that it saw. */
  set(values: Float32Array): void;
}

/** What `differentiable` returns: a backend that takes its own tensors alone. */
export interface DifferentiableBackend extends Backend {
  /** A workspace that does not record: the model in use, on the parameters as they are. */
  workspace(signal?: AbortSignal): Tape;
  /** A workspace that records, with dropout. */
  tape(options?: TapeOptions): Tape;
  /** Uploads values as a parameter; see `uploadParameters` for those of a model. */
  parameter(values: Float32Array, shape: Shape): Parameter;
}

/**
 * Makes `backend` differentiable. Disposing the result disposes `backend`.
 *
 * @example
 * await using backend = differentiable(createReferenceTrainingBackend());
 * using weight = backend.parameter(Float32Array.of(1, 2), [2, 1]);
 * using tape = backend.tape();
 * const y = tape.linear(tape.upload(Float32Array.of(3, 4), [1, 2]), weight.tensor);
 * const gradients = await tape.backward([{ tensor: y, gradient: Float32Array.of(1) }]);
 * await tape.read(gradients.get(weight.tensor)!); // [3, 4]
 */
export function differentiable(backend: TrainingBackend): DifferentiableBackend {
  return new Differentiable(backend);
}

class Differentiable implements DifferentiableBackend {
  readonly #backend: TrainingBackend;
  readonly #parameters = new Map<Held, Tensor>();

  constructor(backend: TrainingBackend) {
    this.#backend = backend;
  }

  get name(): string {
    return this.#backend.name;
  }

  get limits(): BackendLimits {
    return this.#backend.limits;
  }

  get lost(): Promise<string> {
    return this.#backend.lost;
  }

  upload<V extends Float32Array | Int32Array>(values: V, shape: Shape): Tensor<DTypeOf<V>> {
    return traceTensor(this, new Held(this.#backend.upload(values, shape), false));
  }

  parameter(values: Float32Array, shape: Shape): Parameter {
    let held = new Held(this.#backend.upload(values, shape), true);
    const tensor = traceTensor(this, held);
    const known = this.#parameters;
    known.set(held, tensor);
    return {
      tensor,
      set: (next) => {
        known.delete(held);
        tensor.replace(() => {
          held = new Held(this.#backend.upload(next, shape), true);
          return held;
        });
        known.set(held, tensor);
      },
      [dispose]: () => {
        known.delete(held);
        tensor[dispose]();
      },
    };
  }

  plan(queries: Int32Array, keys: Int32Array, pattern: AttentionPattern): AttentionPlan {
    return this.#backend.plan(queries, keys, pattern);
  }

  workspace(signal?: AbortSignal): Tape {
    return this.#open({ signal }, false);
  }

  tape(options: TapeOptions = {}): Tape {
    return this.#open(options, true);
  }

  #open({ signal, seed = 0, attentionDropout = 0 }: TapeOptions, recording: boolean): Tape {
    if (!(attentionDropout >= 0 && attentionDropout < 1)) {
      throw new RangeError(`Cannot open a tape: attentionDropout must be from 0 to below 1, it is ${attentionDropout}`);
    }
    return openTape({
      backend: this,
      device: this.#backend.workspace(signal),
      recording,
      random: randomStream(seed, "dropout"),
      attentionDropout,
      parameters: new Map(this.#parameters),
    });
  }

  async [asyncDispose](): Promise<void> {
    await this.#backend[asyncDispose]();
  }
}
