// A backend with the weights on it. When it is lost it is opened again, and when that does not help, the next of the list.

import {
  asyncDispose,
  type Backend,
  BackendFaultError,
  BackendUnavailableError,
  checkWeights,
  DeviceLostError,
  dispose,
  DisposedError,
  type Network,
  type RunNetwork,
  type UploadedWeights,
  uploadWeights,
  type Weights,
} from "@saccade/attention-core";
import type { ModelFiles } from "@saccade/model-files";
import type { BackendChoice } from "./pipeline.ts";
import { orAborted } from "./signals.ts";

/** Opens a backend: `createWasmBackend`. What it opens belongs to the pipeline. */
export type OpenBackend = () => Backend | Promise<Backend>;

/** An open backend and the model on it. */
export interface LoadedModel {
  readonly backend: Backend;
  readonly run: RunNetwork;
}

interface Loaded extends LoadedModel {
  /** The place of the backend in the list. */
  readonly place: number;
  release(): Promise<void>;
}

/** The model that a device holds. */
export interface DeviceModel {
  readonly files: ModelFiles;
  readonly network: Network;
}

/** How many reasons are kept: a page may live for weeks. */
const mostReasons = 20;

/** Hands out the loaded model, and another after a loss. */
export class Device {
  readonly #candidates: readonly OpenBackend[];
  readonly #model: DeviceModel;
  #reasons: string[] = [];
  /** The backend that is opened next. */
  #place = 0;
  #current: Promise<Loaded> | null = null;
  /** What `#current` came to. */
  #loaded: Loaded | null = null;
  #name = "";
  /** Loading is not one call's affair: others wait for it too. */
  readonly #end = new AbortController();

  constructor(candidates: readonly OpenBackend[], model: DeviceModel) {
    this.#candidates = candidates;
    this.#model = model;
  }

  get choice(): BackendChoice {
    return { name: this.#name, reasons: [...this.#reasons] };
  }

  /**
   * Opens the first backend that opens, and brings the weights there. Rejects with `BackendUnavailableError` if none does,
   * `ModelMismatchError` for weights that are not those of the network, and the signal's reason.
   */
  async open(signal: AbortSignal | undefined): Promise<void> {
    await this.#acquire(signal);
  }

  /**
   * What `body` comes to with the loaded model. If the backend is lost under it, it runs again on the same backend opened
   * anew, then on the next; if the backend is at fault, on the next at once. Rejects with `DeviceLostError` once all of them
   * were lost under it, `BackendUnavailableError` if no other can be opened, `BackendFaultError` if the last is at fault; the
   * next call begins with the first of the list.
   */
  async use<T>(signal: AbortSignal, body: (loaded: LoadedModel) => Promise<T>): Promise<T> {
    for (let isSecond = false, place = -1; ;) {
      const loaded = await this.#acquire(signal);
      if (loaded.place !== place) [isSecond, place] = [false, loaded.place];
      try {
        return await body(loaded);
      } catch (error) {
        signal.throwIfAborted();
        // Calls that ran beside the one that was first to notice: their backend was disposed under them.
        const isReplaced = this.#loaded !== loaded;
        if (!isReplaced && error instanceof DeviceLostError) await this.#lose(loaded, error, isSecond);
        else if (!isReplaced && error instanceof BackendFaultError) await this.#leave(loaded, error);
        else if (!isReplaced) throw error;
        isSecond = true;
      }
    }
  }

  /** Frees the backend; one that still opens frees itself as soon as it has. Whatever used it must have ended. */
  async dispose(): Promise<void> {
    this.#end.abort(new DisposedError("Cannot run: the pipeline must be open, it is disposed"));
    const loaded = this.#loaded;
    this.#loaded = null;
    await loaded?.release();
  }

  async #acquire(signal: AbortSignal | undefined): Promise<Loaded> {
    this.#end.signal.throwIfAborted();
    if (this.#current === null) {
      const opening = this.#load();
      this.#current = opening;
      // A failure is for those who wait; the next call tries again.
      opening.catch(() => {
        if (this.#current === opening) [this.#current, this.#place] = [null, 0];
      });
    }
    return orAborted(this.#current, signal);
  }

  async #lose(lost: Loaded, error: DeviceLostError, isSecond: boolean): Promise<void> {
    const { backend } = lost;
    this.#note(`${backend.name} was lost: ${error.message}${isSecond ? "" : ", opened again"}`);
    const isLast = await this.#replace(lost, isSecond ? lost.place + 1 : lost.place);
    if (isLast) {
      throw new DeviceLostError("Cannot run: a backend must last, all of the list were lost twice", { cause: error });
    }
  }

  async #leave(faulty: Loaded, error: BackendFaultError): Promise<void> {
    this.#note(`${faulty.backend.name} is at fault: ${error.message}`);
    const isLast = await this.#replace(faulty, faulty.place + 1);
    if (isLast) throw error;
  }

  /** Lets a backend go for the one at `next`, or the first after the last, which is what it returns. */
  async #replace(old: Loaded, next: number): Promise<boolean> {
    const isLast = next === this.#candidates.length;
    [this.#current, this.#loaded, this.#place] = [null, null, isLast ? 0 : next];
    // A lost device may refuse this as well.
    await old.release().catch(() => {});
    return isLast;
  }

  /** The first of the list that opens, from the one whose turn it is. One that is lost on the way is tried once more. */
  async #load(): Promise<Loaded> {
    // The weights come while the backend opens; if that fails first, nobody waits for them.
    const reading = this.#model.files.weights(this.#end.signal);
    reading.catch(() => {});
    const refusals: string[] = [];
    for (let place = this.#place, isSecond = false; place < this.#candidates.length;) {
      try {
        return await this.#openAt(place, reading);
      } catch (error) {
        const isLost = error instanceof DeviceLostError;
        if (!isLost && !(error instanceof BackendUnavailableError) && !(error instanceof BackendFaultError))
          throw error;
        const isAgain: boolean = isLost && !isSecond;
        const reasons = error instanceof BackendUnavailableError ? error.reasons : [];
        const refusal = `${[error.message, ...reasons].join(": ")}${isAgain ? ", opened again" : ""}`;
        this.#note(refusal);
        if (!isAgain) refusals.push(refusal);
        [place, isSecond] = [isAgain ? place : place + 1, isAgain];
      }
    }
    throw new BackendUnavailableError("Cannot open a backend: one of the list must open, none does", refusals);
  }

  async #openAt(place: number, reading: Promise<Weights>): Promise<Loaded> {
    const { network } = this.#model;
    const backend = await this.#candidates[place]!();
    let uploaded: UploadedWeights | undefined;
    try {
      const weights = await reading;
      checkWeights(network.describeWeights(), weights, { finite: true });
      this.#end.signal.throwIfAborted();
      uploaded = uploadWeights(backend, weights);
      this.#name = backend.name;
      this.#place = place;
      const reason = typeof backend.reason === "string" ? `${backend.name}: ${backend.reason}` : null;
      if (reason !== null && !this.#reasons.includes(reason)) this.#note(reason);
      const held = uploaded;
      const release = async (): Promise<void> => {
        held[dispose]();
        await backend[asyncDispose]();
      };
      this.#loaded = { backend, place, run: network.bind(held.find), release };
      return this.#loaded;
    } catch (error) {
      uploaded?.[dispose]();
      await backend[asyncDispose]();
      throw error;
    }
  }

  #note(reason: string): void {
    if (this.#reasons.at(-1) !== reason) this.#reasons = [...this.#reasons, reason].slice(-mostReasons);
  }
}
