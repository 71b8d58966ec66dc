// Buffers of a device, counted where they are made and destroyed. What is given back serves again, see `buffer-pool.ts`.

import { OutOfMemoryError } from "../errors.ts";
import { guarded } from "./gpu-error.ts";
import { BufferPool, sizeClass } from "./buffer-pool.ts";

/** The usages of the standard (WebGPU, section 5.1.2). */
export const usage = { mapRead: 1, copySource: 4, copyTarget: 8, uniform: 64, storage: 128 } as const;

const storageUsage = usage.storage | usage.copySource | usage.copyTarget;

/** Bytes that wait at most: in storage buffers, and in those that reads go through. */
const mostWaiting = 256 * 2 ** 20;
const mostStagingWaiting = 64 * 2 ** 20;

/** Hands out buffers. */
export class GpuMemory {
  readonly #device: GPUDevice;
  /** The most bytes that a kernel binds at a time, and a buffer has. */
  readonly limit: number;
  readonly #all = new Set<GPUBuffer>();
  readonly #storage: BufferPool;
  readonly #staging: BufferPool;
  /** Buffers whose creation the device has not yet confirmed, and those for which it had no memory. */
  readonly #unproven = new Set<GPUBuffer>();
  readonly #broken = new WeakMap<GPUBuffer, OutOfMemoryError>();
  #parameters: GPUBuffer | null = null;
  /** Bytes of buffers that were created and not destroyed, and of those the ones that are in use; the most in use at a time. */
  createdBytes = 0;
  liveBytes = 0;
  peakBytes = 0;

  constructor(device: GPUDevice, limit: number) {
    this.#device = device;
    this.limit = limit;
    const destroy = (buffer: GPUBuffer): void => this.#destroy(buffer);
    this.#storage = new BufferPool(mostWaiting, destroy);
    this.#staging = new BufferPool(mostStagingWaiting, destroy);
  }

  /** A storage buffer of at least `bytes`, of any content. Throws `OutOfMemoryError` for more than the device binds at a time. */
  take(bytes: number): GPUBuffer {
    if (bytes > this.limit) {
      throw new OutOfMemoryError(
        `Cannot make a tensor: it must have at most ${this.limit} bytes on this device, it has ${bytes}`,
        bytes,
        this.limit,
      );
    }
    const size = this.#sizeOf(bytes);
    const buffer = this.#storage.take(size) ?? this.#create(size, storageUsage);
    this.liveBytes += size;
    this.peakBytes = Math.max(this.peakBytes, this.liveBytes);
    return buffer;
  }

  /** Takes a buffer of `take` back, once all work that uses it is submitted. */
  give(buffer: GPUBuffer): void {
    if (!this.#all.has(buffer)) return;
    this.liveBytes -= buffer.size;
    if (this.#broken.has(buffer)) this.#destroy(buffer);
    else this.#storage.give(buffer);
  }

  /** Writes values to the start of a buffer, at once: all that was submitted before reads what stood there. */
  write(buffer: GPUBuffer, values: Float32Array | Int32Array | Uint32Array, length: number = values.length): void {
    // A buffer that may not exist is not written without a look at what comes of it; its creation tells.
    const isProven = !this.#unproven.has(buffer);
    if (!isProven) this.#device.pushErrorScope("validation");
    this.#device.queue.writeBuffer(buffer, 0, values as BufferSource, 0, length);
    if (!isProven) void this.#device.popErrorScope().catch(() => {});
  }

  /** A buffer of at least `bytes` to read from on the host; give it back unmapped, by `giveStaging`. */
  staging(bytes: number): GPUBuffer {
    const size = this.#sizeOf(bytes);
    return this.#staging.take(size) ?? this.#create(size, usage.mapRead | usage.copyTarget);
  }

  giveStaging(buffer: GPUBuffer): void {
    if (!this.#all.has(buffer)) return;
    if (this.#broken.has(buffer)) this.#destroy(buffer);
    else this.#staging.give(buffer);
  }

  /** The one buffer of parameters, written anew for each submission: a write waits for what was submitted before. */
  parameters(bytes: number): GPUBuffer {
    if (this.#parameters !== null && (this.#parameters.size < bytes || this.#broken.has(this.#parameters))) {
      this.#destroy(this.#parameters);
      this.#parameters = null;
    }
    return (this.#parameters ??= this.#create(bytes, usage.uniform | usage.copyTarget));
  }

  /** Why the device has no such buffer, or null. Known soon after its creation. */
  whyBroken(buffer: GPUBuffer): OutOfMemoryError | null {
    return this.#broken.get(buffer) ?? null;
  }

  /** Destroys every buffer, also those in use: the device goes. What is given back later is none any more. */
  clear(): void {
    this.#storage.clear();
    this.#staging.clear();
    for (const buffer of this.#all) this.#destroy(buffer);
    this.#parameters = null;
    this.liveBytes = 0;
  }

  #sizeOf(bytes: number): number {
    return Math.min(sizeClass(bytes), 4 * Math.floor(this.limit / 4));
  }

  #create(size: number, flags: number): GPUBuffer {
    const { result: buffer, found } = guarded(this.#device, () => this.#device.createBuffer({ size, usage: flags }));
    this.#all.add(buffer);
    this.#unproven.add(buffer);
    this.createdBytes += size;
    void found.then((finding) => {
      this.#unproven.delete(buffer);
      if (finding === null) return;
      const others = this.createdBytes - size;
      const rule = `the device must have memory for ${size} bytes beside ${others}, it has not: ${finding.message}`;
      this.#broken.set(buffer, new OutOfMemoryError(`Cannot make a tensor: ${rule}`, size, this.limit));
      // What only waits may be what is missing.
      this.#storage.clear();
      this.#staging.clear();
    });
    return buffer;
  }

  #destroy(buffer: GPUBuffer): void {
    if (!this.#all.delete(buffer)) return;
    this.#unproven.delete(buffer);
    this.createdBytes -= buffer.size;
    buffer.destroy();
  }
}
