// A backend with the weights on it, replaced when it is lost: once by itself, then by the next of the list.

import {
  asyncDispose,
  type Backend,
  BackendUnavailableError,
  checkWeights,
  describeModelWeights,
  dispose,
  layoutModel,
  type ModelConfig,
  type ModelWeights,
  type UploadedWeights,
  uploadWeights,
} from "@saccade/attention-core";
import type { ModelFiles } from "@saccade/model-files";
import type { BackendChoice } from "./pipeline.ts";

/** Opens a backend: `createWasmBackend`. The first of a list that opens computes. */
export type OpenBackend = () => Promise<Backend>;

/** An open backend and the model on it. */
export interface LoadedModel {
  readonly backend: Backend;
  readonly weights: ModelWeights;
}

/** Hands out the loaded model, and another after a loss. */
export class Device {
  readonly #candidates: readonly OpenBackend[];
  readonly #files: ModelFiles;
  readonly #model: ModelConfig;
  #reasons: string[] = [];
  #candidate = 0;
  #reopened = false;
  #current: Promise<Loaded>;
  #name = "";
  #disposed = false;
  readonly #replaced = new WeakSet<LoadedModel>();

  private constructor(candidates: readonly OpenBackend[], files: ModelFiles, model: ModelConfig, signal?: AbortSignal) {
    this.#candidates = candidates;
    this.#files = files;
    this.#model = model;
    this.#current = this.#load(signal);
  }

  /** Opens the first backend that can be opened. Rejects with `BackendUnavailableError` if none can, and for weights that do not fit. */
  static async open(
    candidates: readonly OpenBackend[],
    files: ModelFiles,
    model: ModelConfig,
    signal?: AbortSignal,
  ): Promise<Device> {
    const device = new Device(candidates, files, model, signal);
    await device.#current;
    return device;
  }

  get choice(): BackendChoice {
    return { name: this.#name, reasons: [...this.#reasons] };
  }

  get loaded(): Promise<LoadedModel> {
    return this.#current;
  }

  /** Another model in place of `lost`, which a call found lost for `reason`; whoever says so first has it opened. */
  async replace(lost: LoadedModel, reason: string): Promise<LoadedModel> {
    const current = await this.#current.catch(() => null);
    if (current !== lost || this.#disposed) return this.#current;
    this.#replaced.add(lost);
    const where = this.#reopened ? "" : ", opened again";
    this.#reasons.push(`${this.#name} was lost: ${reason}${where}`);
    if (this.#reopened) this.#candidate += 1;
    this.#reopened = !this.#reopened;
    this.#current = (async () => {
      await current.release().catch(() => {});
      return this.#load();
    })();
    // Whoever asks next is told; nobody may ask.
    this.#current.catch(() => {});
    return this.#current;
  }

  /** Whether another model took the place of `loaded`: then its backend is disposed, under calls that still ran on it. */
  wasReplaced(loaded: LoadedModel): boolean {
    return this.#replaced.has(loaded);
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    const current = await this.#current.catch(() => null);
    await current?.release();
  }

  async #load(signal?: AbortSignal): Promise<Loaded> {
    const backend = await this.#openNext();
    let uploaded: UploadedWeights | undefined;
    try {
      signal?.throwIfAborted();
      const weights = await this.#files.weights(signal);
      checkWeights(describeModelWeights(this.#model), weights, { finite: true });
      uploaded = uploadWeights(backend, weights);
      this.#name = backend.name;
      const held = uploaded;
      return {
        backend,
        weights: layoutModel(this.#model, held.find),
        release: async () => {
          held[dispose]();
          await backend[asyncDispose]();
        },
      };
    } catch (error) {
      uploaded?.[dispose]();
      await backend[asyncDispose]();
      throw error;
    }
  }

  async #openNext(): Promise<Backend> {
    for (; this.#candidate < this.#candidates.length; this.#candidate += 1, this.#reopened = false) {
      try {
        return await this.#candidates[this.#candidate]!();
      } catch (error) {
        if (!(error instanceof BackendUnavailableError)) throw error;
        this.#reasons.push([error.message, ...error.reasons].join(": "));
      }
    }
    throw new BackendUnavailableError("Cannot open a backend: none of the list is left", this.#reasons);
  }
}

interface Loaded extends LoadedModel {
  release(): Promise<void>;
}
