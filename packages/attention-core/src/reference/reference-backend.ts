// The backend over a device in the host's memory, whichever workspaces it opens.

import type { Backend, BackendLimits, Workspace } from "../backend.ts";
import { checkUpload } from "../check-operation.ts";
import { compilePlan } from "../compile-plan.ts";
import { asyncDispose } from "../disposal.ts";
import type { AttentionPattern } from "../pattern.ts";
import type { AttentionPlan } from "../plan.ts";
import type { DTypeOf, Shape, Tensor } from "../tensor.ts";
import { type Arena, type Precision, ReferenceDevice } from "./device.ts";
import { maxBufferBytes } from "./floats.ts";

/** What the reference backend offers beyond the contract, for tests. */
export interface ReferenceBackend extends Backend {
  /** Tensors that were made through it or its workspaces and are not disposed. */
  readonly liveTensors: number;
  /** The values of x as stored; in float64 they were never rounded, where the backend was opened so. */
  peek(x: Tensor): Float64Array;
}

/** How to open a reference backend. */
export interface ReferenceOptions {
  /** How results of operations are stored: rounded to float32 (default), or as computed, for numerical derivatives. */
  readonly precision?: Precision;
}

/** Workspaces are of the kind that `open` makes. */
export class Reference<W extends Workspace> implements ReferenceBackend {
  readonly name = "reference";
  readonly limits: BackendLimits = { maxBufferBytes, dtypes: ["f32", "i32"] };
  /** Host memory is never lost. */
  readonly lost: Promise<string> = new Promise(() => {});
  readonly #device: ReferenceDevice;
  readonly #open: (arena: Arena, signal: AbortSignal | undefined) => W;

  constructor({ precision = "f32" }: ReferenceOptions, open: (arena: Arena, signal: AbortSignal | undefined) => W) {
    this.#device = new ReferenceDevice(precision);
    this.#open = open;
  }

  get liveTensors(): number {
    return this.#device.liveTensors;
  }

  peek(x: Tensor): Float64Array {
    return new Float64Array(this.#device.values("peek", "x", x));
  }

  upload<V extends Float32Array | Int32Array>(values: V, shape: Shape): Tensor<DTypeOf<V>> {
    this.#device.check("upload values");
    return this.#device.arena.upload(values, checkUpload(values, shape), shape);
  }

  plan(queries: Int32Array, keys: Int32Array, pattern: AttentionPattern): AttentionPlan {
    this.#device.check("compile a plan");
    return compilePlan(queries, keys, pattern);
  }

  workspace(signal?: AbortSignal): W {
    return this.#open(this.#device.openArena(), signal);
  }

  async [asyncDispose](): Promise<void> {
    this.#device.dispose();
  }
}
