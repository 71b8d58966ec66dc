// A piece of submitted work: units of a kernel, which may be done in any order and by any thread, a step on the host, or a wait.

import type { KernelName } from "./kernels.ts";

/** Units of a kernel. */
export interface KernelJob {
  readonly kernel: KernelName;
  /** Address of the kernel's parameters. */
  readonly parameters: number;
  readonly units: number;
  /** Roughly the multiply-adds of one unit: what decides how many are done at a time, and by how many threads. */
  readonly unitCost: number;
  /** Units that add to the same sums are done in order, by one thread. */
  readonly sequential?: boolean;
}

/** A step on the host, in its turn. */
export interface HostJob {
  readonly run: () => void;
  /** Told instead, when the work is given up. */
  readonly drop?: (reason: unknown) => void;
}

/** Waits for values that another workspace makes. */
export interface WaitJob {
  readonly isReady: () => boolean;
  readonly wait: () => Promise<void>;
}

export type Job = KernelJob | HostJob | WaitJob;
