// What stands between a backend and its workspaces.

import type { DType, Shape } from "../tensor.ts";
import type { GpuMemory } from "./gpu-memory.ts";
import type { GpuQueue } from "./gpu-queue.ts";
import type { GpuTensor } from "./tensor.ts";
import type { Variants } from "./variants.ts";
import type { WorkOwner } from "./work.ts";

/** What a workspace needs of its backend. */
export interface WorkspaceOwner {
  readonly memory: GpuMemory;
  readonly queue: GpuQueue;
  readonly variants: Variants;
  /** Bytes of memory that a workgroup may have. */
  readonly workgroupBytes: number;
  readonly disposed: boolean;
  /** A tensor that outlives workspaces. */
  keepTensor<D extends DType>(shape: Shape, dtype: D): GpuTensor<D>;
  /** Workspaces that are open: what goes wrong with nobody's work in particular is told to all. */
  register(workspace: WorkOwner): void;
  forget(workspace: WorkOwner): void;
}
