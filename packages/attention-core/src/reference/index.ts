// The reference backend: the operations in loops that one can read, with sums in float64. It is the specification of
// the contract and the oracle of its tests, and makes no attempt to be fast.

import type { Backend, BackendLimits, Workspace } from "../backend.ts";
import { checkUpload } from "../check-operation.ts";
import { compilePlan } from "../compile-plan.ts";
import { asyncDispose } from "../disposal.ts";
import type { AttentionPattern } from "../pattern.ts";
import type { AttentionPlan } from "../plan.ts";
import type { DTypeOf, Shape, Tensor } from "../tensor.ts";
import { type Precision, ReferenceDevice } from "./device.ts";
import { maxBufferBytes } from "./floats.ts";
import { ReferenceWorkspace } from "./workspace.ts";

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
  return new Reference(options.precision ?? "f32");
}

class Reference implements ReferenceBackend {
  readonly name = "reference";
  readonly limits: BackendLimits = { maxBufferBytes, dtypes: ["f32", "i32"] };
  /** Host memory is never lost. */
  readonly lost: Promise<string> = new Promise(() => {});
  readonly #device: ReferenceDevice;

  constructor(precision: Precision) {
    this.#device = new ReferenceDevice(precision);
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

  workspace(signal?: AbortSignal): Workspace {
    return new ReferenceWorkspace(this.#device.openArena(), signal);
  }

  async [asyncDispose](): Promise<void> {
    this.#device.dispose();
  }
}
