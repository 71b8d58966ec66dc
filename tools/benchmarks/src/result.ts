// What one case came to: the object that `--json` prints on a line.
import type { AudioCost } from "./audio/audio-cost.ts";
import type { TextResult } from "./text/text-result.ts";

/** The same case under the Node that the host has, ours alone. */
export interface OlderNodeResult {
  readonly version: string;
  readonly ms: number;
  readonly gflops: number;
  readonly share: number;
  readonly error: number;
}

export interface CaseResult {
  readonly name: string;
  /** Milliseconds per call, inputs copied in and the output read back: the median. */
  readonly ms: number;
  /** 10 % and 90 % quantiles. */
  readonly spreadMs: readonly [number, number];
  readonly bestMs: number;
  /** To open the backend: load and compile the binary, upload weights, make the plan. */
  readonly openMs: number;
  /** The very first call. */
  readonly firstMs: number;
  readonly gflops: number;
  /** Of the peak of multiply-adds, measured in the same rounds. */
  readonly share: number;
  readonly peakGflops: number;
  /** Median milliseconds: each form by its name, and each library by that of its fastest form. */
  readonly peers: Readonly<Record<string, number>>;
  /** Peer's milliseconds over ours. */
  readonly ratio: Readonly<Record<string, number>>;
  /** Largest difference from the oracle, relative to the scale of the answer. */
  readonly error: number;
  readonly peerErrors: Readonly<Record<string, number>>;
  /** Peers that did not take part: name, and reason. */
  readonly absent: Readonly<Record<string, string>>;
  /** The most linear memory that our backend ever had in use: inputs, output, and all that the kernels need. */
  readonly peakMemoryBytes: number;
  readonly threads: number;
  readonly node: string;
  readonly microsecondsPerPosition?: number;
  readonly edgesPerSecond?: number;
  /** What a user counts, a second. */
  readonly items?: { readonly unit: string; readonly perSecond: number };
  readonly bytesPerSecond?: number;
  /** Of the bandwidth of reading memory, measured in the same rounds. */
  readonly bandwidthShare?: number;
  readonly olderNode?: OlderNodeResult | undefined;
}

/** A case whose result was wrong, or that did not run: it has no times. */
export interface CaseFailure {
  readonly name: string;
  readonly failed: string;
  readonly error?: number;
}

/** A case that cannot run here. */
export interface CaseSkip {
  readonly name: string;
  readonly skipped: string;
}

export type CaseOutcome = CaseResult | TextResult | AudioCost | CaseSkip | CaseFailure;

/**
 * The names of `result.peers` without those of libraries whose forms are there too. A form's name begins with that of
 * its library.
 */
export function peerForms({ peers }: CaseResult): string[] {
  const names = Object.keys(peers);
  return names.filter((name) => !names.some((other) => other.startsWith(`${name} `)));
}

export function isTimed(outcome: CaseOutcome): outcome is CaseResult {
  return "gflops" in outcome;
}

export function isText(outcome: CaseOutcome): outcome is TextResult {
  return "kind" in outcome && outcome.kind !== "audio-cost";
}

export function isAudioCost(outcome: CaseOutcome): outcome is AudioCost {
  return "kind" in outcome && outcome.kind === "audio-cost";
}

export function isSkip(outcome: CaseOutcome): outcome is CaseSkip {
  return "skipped" in outcome;
}

export function isFailure(outcome: object): outcome is CaseFailure {
  return "failed" in outcome;
}
