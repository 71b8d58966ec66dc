// What a queue does, as data.

import type { Kernel } from "./kernel.ts";

/** Whose work it is: a workspace, whose work is left out once it is dropped. */
export interface WorkOwner {
  readonly dropped: boolean;
  /** Told when its work went wrong: nothing that it computed is of use. */
  fail(error: Error): void;
}

/** A run of a kernel over `units`, about `unitCost` multiply-adds each. */
export interface Dispatch {
  readonly kind: "dispatch";
  readonly owner: WorkOwner;
  readonly kernel: Kernel;
  readonly buffers: readonly GPUBuffer[];
  readonly parameters: readonly number[];
  readonly units: number;
  readonly unitCost: number;
}

/** Bytes from one buffer to another. */
export interface Copy {
  readonly kind: "copy";
  readonly owner: WorkOwner;
  readonly from: GPUBuffer;
  readonly fromByte: number;
  readonly to: GPUBuffer;
  readonly toByte: number;
  readonly bytes: number;
}

/** The first bytes of a buffer to the host: either `done` is called, while they are there, or `failed`. */
export interface Read {
  readonly kind: "read";
  readonly owner: WorkOwner;
  readonly from: GPUBuffer;
  readonly bytes: number;
  readonly done: (mapped: ArrayBuffer, firstByte: number) => void;
  readonly failed: (error: Error) => void;
}

/** A step on the host, once all work before it is submitted: what is given back here serves only later work. It runs whoever was dropped. */
export interface Step {
  readonly kind: "step";
  readonly run: () => void;
}

/** In the order in which it was asked for. */
export type Work = Dispatch | Copy | Read | Step;
