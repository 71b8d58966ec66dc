// What the cases came to on a GPU: the object that `--write-json` writes, and from which the page's section is made.
import type { Machine } from "../machine.ts";
import type { CaseFailure } from "../result.ts";
import type { GpuDescription } from "./gpu.ts";
import type { TorchRun } from "./torch-run.ts";

/** A case whose result is right. */
export interface WebgpuResult {
  readonly name: string;
  /** Largest difference from the oracle, relative to the scale of the answer. */
  readonly error: number;
  /** The same of each peer that takes part and computes the same. */
  readonly peerErrors: Readonly<Record<string, number>>;
  /** Peers that did not take part: name, and reason. */
  readonly absent: Readonly<Record<string, string>>;
  /** The most bytes of buffers that our backend ever had in use. */
  readonly peakMemoryBytes: number;
  /** Null on a software adapter, whose speed means nothing. */
  readonly times: WebgpuTimes | null;
}

/** How fast. */
export interface WebgpuTimes {
  /** Milliseconds of a call within a model, from tensors of the device to tensors of the device: the median. */
  readonly ms: number;
  /** 10 % and 90 % quantiles. */
  readonly spreadMs: readonly [number, number];
  /** Calls in a row before each wait. */
  readonly calls: number;
  /** Milliseconds of a call from host arrays to host arrays. */
  readonly copiedMs: number;
  /** To open the backend: device, weights, plan. */
  readonly openMs: number;
  /** The very first call, kernels compiled on the way, from host arrays. */
  readonly firstMs: number;
  /** Within a model, as the shares are. */
  readonly gflops: number;
  /** Of the peak of multiply-adds in registers, measured in the same rounds. */
  readonly share: number;
  readonly peakGflops: number;
  /** Of a copy within the GPU's memory, bytes read and written, measured in the same rounds. */
  readonly copyBytesPerSecond: number;
  readonly bytesPerSecond?: number;
  readonly edgesPerSecond?: number;
  readonly peers: Readonly<Record<string, PeerTimes>>;
}

export interface PeerTimes {
  readonly ms: number;
  readonly copiedMs: number;
}

export type WebgpuOutcome = WebgpuResult | CaseFailure;

/** All cases of one run. */
export interface WebgpuRun {
  readonly machine: Machine;
  readonly gpu: GpuDescription;
  readonly outcomes: readonly WebgpuOutcome[];
  /** PyTorch on the same card, where it was measured. */
  readonly torch: TorchRun | null;
}

/** A result that was timed. */
export type TimedResult = WebgpuResult & { readonly times: WebgpuTimes };

export function isChecked(outcome: WebgpuOutcome): outcome is WebgpuResult {
  return "times" in outcome;
}

export function isTimedOnGpu(outcome: WebgpuOutcome): outcome is TimedResult {
  return isChecked(outcome) && outcome.times !== null;
}
