// The tape: a workspace over a workspace. Each operation runs on the device at once; what leads to a parameter is also
// recorded with the way back through it.

import {
  type Activation,
  type Attended,
  type AttentionPlan,
  dispose,
  type DType,
  type DTypeOf,
  type Pooling,
  type RandomStream,
  type RotationOptions,
  type Shape,
  sizeOf,
  type Tensor,
  type TrainingAttentionOptions,
  type TrainingWorkspace,
  type Values,
} from "@saccade/attention-core";
import { recordAttention } from "./attention.ts";
import { recordAdd, recordDropout, recordMultiply } from "./elementwise.ts";
import { Held } from "./held.ts";
import {
  recordAppend,
  recordConcatenate,
  recordPool,
  recordReshape,
  recordRotate,
  recordSlice,
  recordUnfold,
} from "./moves.ts";
import type { Pullback, Recorder } from "./recorder.ts";
import { recordActivate, recordEmbed, recordLayerNorm, recordLinear, recordRmsNorm, recordSoftmax } from "./rows.ts";
import type { GradientRoot, Gradients, Tape } from "./tape.ts";
import { heldOf, traceTensor } from "./traced-tensor.ts";
import { type RecordedStep, walkBack } from "./walk-back.ts";

/** What a tape is opened with. */
export interface TapeSettings {
  /** The differentiable backend that its tensors belong to. */
  readonly backend: object;
  readonly device: TrainingWorkspace;
  readonly recording: boolean;
  /** Where the seeds of dropout come from. */
  readonly random: RandomStream;
  readonly attentionDropout: number;
  /** The handle of each parameter, by what it stands for now. */
  readonly parameters: ReadonlyMap<Held, Tensor>;
}

/** Opens a tape, whose disposal is that of its device workspace. */
export function openTape(settings: TapeSettings): Tape {
  return new TapeWorkspace(settings);
}

class TapeWorkspace implements Tape, Recorder {
  readonly device: TrainingWorkspace;
  readonly recording: boolean;
  readonly #settings: TapeSettings;
  readonly #watched = new Map<Held, Tensor>();
  #steps: RecordedStep[] | null = [];

  constructor(settings: TapeSettings) {
    this.device = settings.device;
    this.recording = settings.recording;
    this.#settings = settings;
  }

  held<D extends DType>(tensor: Tensor<D>): Held<D> {
    return heldOf(this.#settings.backend, tensor);
  }

  tracks(inputs: readonly (Held | null)[]): boolean {
    return this.recording && inputs.some((input) => input?.tracked === true);
  }

  result(tensor: Tensor, inputs: readonly (Held | null)[], pullback: (result: Held) => Pullback): Tensor {
    if (!this.tracks(inputs)) return this.constant(tensor);
    if (this.#steps === null)
      throw new TypeError("Cannot record an operation: the tape must not have gone back, it has");
    const result = new Held(tensor, true);
    const step = pullback(result);
    for (const saved of step.saves) saved?.hold();
    this.#steps.push({ result, ...step });
    return this.handle(result);
  }

  handle<D extends DType>(held: Held<D>): Tensor<D> {
    return traceTensor(this.#settings.backend, held);
  }

  constant<D extends DType>(tensor: Tensor<D>): Tensor<D> {
    return this.handle(new Held(tensor, false));
  }

  upload<V extends Float32Array | Int32Array>(values: V, shape: Shape): Tensor<DTypeOf<V>> {
    return this.constant(this.device.upload(values, shape));
  }

  embed(table: Tensor, ids: Tensor<"i32">): Tensor {
    return recordEmbed(this, table, ids);
  }

  linear(x: Tensor, weight: Tensor, bias: Tensor | null = null, activation: Activation | null = null): Tensor {
    return recordLinear(this, x, weight, bias, activation);
  }

  activate(x: Tensor, activation: Activation): Tensor {
    return recordActivate(this, x, activation);
  }

  add(a: Tensor, b: Tensor): Tensor {
    return recordAdd(this, a, b);
  }

  multiply(a: Tensor, b: Tensor): Tensor {
    return recordMultiply(this, a, b);
  }

  layerNorm(x: Tensor, gain: Tensor, bias: Tensor | null, epsilon: number): Tensor {
    return recordLayerNorm(this, x, gain, bias, epsilon);
  }

  rmsNorm(x: Tensor, gain: Tensor, epsilon: number): Tensor {
    return recordRmsNorm(this, x, gain, epsilon);
  }

  softmax(x: Tensor, options: { readonly log?: boolean } = {}): Tensor {
    return recordSoftmax(this, x, options);
  }

  attention(q: Tensor, k: Tensor, v: Tensor, plan: AttentionPlan, options: TrainingAttentionOptions): Attended {
    const rate = options.dropout?.rate ?? this.#settings.attentionDropout;
    const drops = this.recording && rate > 0;
    const seed = drops ? (options.dropout?.seed ?? this.#settings.random.bits()) : 0;
    return recordAttention(this, q, k, v, plan, options, drops ? { rate, seed } : null);
  }

  pool(x: Tensor, offsets: Int32Array, how: Pooling): Tensor {
    return recordPool(this, x, offsets, how);
  }

  unfold(x: Tensor, windows: Tensor<"i32">): Tensor {
    return recordUnfold(this, x, windows);
  }

  rotate(x: Tensor, positions: Tensor<"i32">, cos: Tensor, sin: Tensor, options: RotationOptions): Tensor {
    return recordRotate(this, x, positions, cos, sin, options);
  }

  concatenate(parts: readonly Tensor[]): Tensor {
    return recordConcatenate(this, parts);
  }

  slice(x: Tensor, from: number, to: number): Tensor {
    return recordSlice(this, x, from, to);
  }

  append(parts: readonly { readonly rows: Tensor; readonly offsets: Int32Array }[]): Tensor {
    return recordAppend(this, parts);
  }

  reshape<D extends DType>(x: Tensor<D>, shape: Shape): Tensor<D> {
    return recordReshape(this, x, shape);
  }

  dropout(x: Tensor, rate: number): Tensor {
    if (!(rate >= 0 && rate < 1))
      throw new RangeError(`Cannot run dropout: rate must be from 0 to below 1, it is ${rate}`);
    if (!this.recording || rate === 0) return this.handle(this.held(x).hold());
    return recordDropout(this, x, { rate, seed: this.#settings.random.bits() });
  }

  watch(x: Tensor): Tensor {
    const held = this.held(x);
    held.tracked = true;
    this.#watched.set(held, x);
    return x;
  }

  async read<D extends DType>(x: Tensor<D>, into?: Values<D>): Promise<Values<D>> {
    return this.device.read(this.held(x).tensor, into);
  }

  keep<D extends DType>(x: Tensor<D>): Tensor<D> {
    return this.constant(this.device.keep(this.held(x).tensor));
  }

  async checkpoint(): Promise<void> {
    return this.device.checkpoint();
  }

  async backward(roots: readonly GradientRoot[]): Promise<Gradients> {
    if (!this.recording) throw new TypeError("Cannot go back: the workspace must be a recording tape, it is not");
    const steps = this.#steps;
    if (steps === null) throw new TypeError("Cannot go back: a tape goes back once, this one has");
    for (const { tensor, gradient } of roots) {
      if (gradient.length !== sizeOf(tensor.shape)) {
        throw new RangeError(
          `Cannot go back: a gradient must have the ${sizeOf(tensor.shape)} values of its tensor, it has ${gradient.length}`,
        );
      }
    }
    const seeds = roots.map(({ tensor, gradient }) => ({ to: this.held(tensor), gradient }));
    this.#steps = null;
    const leaves = new Map([...this.#settings.parameters, ...this.#watched]);
    const gradients = await walkBack(this.device, steps, seeds, new Set(leaves.keys()));
    const byHandle = new Map<Tensor, Tensor>();
    for (const [held, gradient] of gradients) byHandle.set(leaves.get(held) as Tensor, this.handle(gradient));
    return byHandle;
  }

  [dispose](): void {
    for (const { saves } of this.#steps ?? []) for (const saved of saves) saved?.release();
    this.#steps = null;
    this.device[dispose]();
  }
}
