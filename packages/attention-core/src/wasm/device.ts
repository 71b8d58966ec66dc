// An instance of a binary with its memory and its threads: what both backends, for inference and for training, run on.

import { BackendUnavailableError } from "../errors.ts";
import { createThread } from "./create-thread.ts";
import { Executor } from "./executor.ts";
import { Heap } from "./heap.ts";
import type { KernelName, Kernels } from "./kernels.ts";
import { type BinaryName, type BinarySource, type BinaryUrl, loadModule, probeSimd } from "./loader.ts";
import { builtinModule } from "./node.ts";
import { type Thread, ThreadPool } from "./thread-pool.ts";

/** How to open the backend; everything has a default. */
export interface WasmBackendOptions {
  /** Threads that compute, the caller's included: a number, or "auto" for one per core, at most eight. Default 1. */
  readonly threads?: number | "auto";
  /** Which kernels: "relaxed" rounds once per multiply-add where the machine does, "plain" twice. Default: relaxed if there. */
  readonly simd?: "auto" | "plain" | "relaxed";
  /** The most memory that the instance may use. Default 4 GiB. */
  readonly maximumBytes?: number;
  /** Where binaries come from, if not from beside this module. */
  readonly binary?: BinarySource;
  /** Starts a thread running `binaries/thread.js`, for bundlers that do not find it by themselves. */
  readonly createThread?: () => Thread;
}

/** Four binaries of the same kernels. */
export interface BinarySet {
  /** What each exports, in the order of the kernels' numbers. */
  readonly kernelNames: readonly KernelName[];
  readonly urlOf: BinaryUrl;
}

/** What was opened. */
export interface Device {
  readonly executor: Executor;
  readonly binary: BinaryName;
  /** Why there are fewer threads than were asked for, or null. */
  readonly reason: string | null;
}

const pageBytes = 65_536;
const initialPages = 16;
const mostPages = 65_536;

/** Chooses a binary of the set, loads it and starts the threads. Throws as `createWasmBackend` says. */
export async function openDevice(options: WasmBackendOptions, set: BinarySet): Promise<Device> {
  const { maximumBytes = mostPages * pageBytes } = options;
  if (!(maximumBytes >= initialPages * pageBytes && maximumBytes <= mostPages * pageBytes)) {
    throw new RangeError(
      `Cannot open the WASM backend: maximumBytes must be ${initialPages * pageBytes} to ${mostPages * pageBytes}, it is ${maximumBytes}`,
    );
  }
  const wanted = threadCount(options.threads ?? 1);
  const features = probeSimd();
  if (!features.simd)
    throw new BackendUnavailableError("Cannot open the WASM backend", ["this engine has no WebAssembly SIMD"]);
  if (options.simd === "relaxed" && !features.relaxed) {
    throw new BackendUnavailableError("Cannot open the WASM backend", ["this engine has no relaxed SIMD"]);
  }
  const reason = wanted > 1 ? whyNotShared() : null;
  const threads = reason === null ? wanted : 1;
  const kind = features.relaxed && options.simd !== "plain" ? "relaxed" : "simd";
  const binary: BinaryName = threads > 1 ? `${kind}-shared` : kind;
  const module = await loadModule(binary, options.binary, set.urlOf);
  const { memory, maximumPages } = createMemory(Math.floor(maximumBytes / pageBytes), threads > 1);
  const kernels = await instantiate(binary, module, set.kernelNames, memory);
  const pool =
    threads > 1
      ? await ThreadPool.open(threads - 1, module, set.kernelNames, memory, options.createThread ?? createThread)
      : null;
  const heap = new Heap(memory, Math.min(maximumBytes, maximumPages * pageBytes));
  return { executor: new Executor(heap, kernels, pool), binary, reason };
}

function threadCount(threads: number | "auto"): number {
  if (threads === "auto") return Math.max(1, Math.min(8, coreCount()));
  if (!Number.isInteger(threads) || threads < 1 || threads > 64) {
    throw new RangeError(
      `Cannot open the WASM backend: threads must be an integer from 1 to 64 or "auto", they are ${threads}`,
    );
  }
  return threads;
}

function coreCount(): number {
  // Node 20 has no navigator.
  const os = builtinModule<{ availableParallelism(): number }>("node:os");
  return os?.availableParallelism() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
}

function whyNotShared(): string | null {
  // Pages that are not isolated may lack SharedArrayBuffer as well: tell what can be changed.
  if (globalThis.crossOriginIsolated === false) return "no-cross-origin-isolation";
  return typeof SharedArrayBuffer === "undefined" ? "no-shared-memory" : null;
}

/** The kernels of a binary over `memory`. Throws `BackendUnavailableError` if it is not one of ours, or not of this version. */
async function instantiate(
  name: BinaryName,
  module: WebAssembly.Module,
  kernelNames: readonly KernelName[],
  memory: WebAssembly.Memory,
): Promise<Kernels> {
  try {
    const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
    const missing = kernelNames.filter((kernel) => typeof exports[kernel] !== "function");
    if (missing.length > 0) throw new TypeError(`it lacks ${missing.join(", ")}`);
    return exports as unknown as Kernels;
  } catch (error) {
    throw new BackendUnavailableError(`Cannot use the WASM binary "${name}"`, [String(error)], { cause: error });
  }
}

/** Shared memory reserves its maximum at once, which a small machine may refuse: then less will do. */
function createMemory(wantedPages: number, shared: boolean): { memory: WebAssembly.Memory; maximumPages: number } {
  let failure: unknown;
  for (let maximum = wantedPages; maximum >= Math.min(wantedPages, 4096); maximum = Math.floor(maximum / 2)) {
    try {
      return { memory: new WebAssembly.Memory({ initial: initialPages, maximum, shared }), maximumPages: maximum };
    } catch (error) {
      failure = error;
    }
  }
  throw new BackendUnavailableError("Cannot open the WASM backend", ["its memory could not be made"], {
    cause: failure,
  });
}
