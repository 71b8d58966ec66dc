// Buffers of a device, counted where they are made and destroyed. What is given back serves again: buffers come in sizes
// of a few classes, and a class keeps a bounded number of bytes that wait.

import { OutOfMemoryError } from "../errors.ts";

/** The usages of the standard (WebGPU, section 5.1.2). */
export const usage = { mapRead: 1, copySource: 4, copyTarget: 8, uniform: 64, storage: 128 } as const;

const storageUsage = usage.storage | usage.copySource | usage.copyTarget;

/** Bytes that wait in all, at most. */
const mostWaiting = 256 * 2 ** 20;

/** Hands out buffers. */
export class GpuMemory {
  readonly #device: GPUDevice;
  readonly #limit: number;
  readonly #waiting = new Map<number, GPUBuffer[]>();
  #waitingBytes = 0;
  /** Bytes of buffers that were created and not destroyed, and of those the ones that are in use; the most in use at a time. */
  createdBytes = 0;
  liveBytes = 0;
  peakBytes = 0;

  constructor(device: GPUDevice, limit: number) {
    this.#device = device;
    this.#limit = limit;
  }

  /** A storage buffer of at least `bytes`, of any content. Throws `OutOfMemoryError` for more than the device binds at a time. */
  take(bytes: number): GPUBuffer {
    if (bytes > this.#limit) {
      throw new OutOfMemoryError(
        `Cannot make a tensor: it must have at most ${this.#limit} bytes on this device, it has ${bytes}`,
        bytes,
        this.#limit,
      );
    }
    const size = Math.min(sizeClass(bytes), this.#limit & ~255);
    const kept = this.#waiting.get(size)?.pop();
    if (kept !== undefined) this.#waitingBytes -= size;
    const buffer = kept ?? this.#create(size, storageUsage);
    this.liveBytes += size;
    this.peakBytes = Math.max(this.peakBytes, this.liveBytes);
    return buffer;
  }

  /** Takes a buffer of `take` back, once no work that uses it is still to be encoded. */
  give(buffer: GPUBuffer): void {
    const { size } = buffer;
    this.liveBytes -= size;
    if (this.#waitingBytes + size > mostWaiting) {
      this.#destroy(buffer);
      return;
    }
    const others = this.#waiting.get(size);
    if (others) others.push(buffer);
    else this.#waiting.set(size, [buffer]);
    this.#waitingBytes += size;
  }

  /** A buffer to read from on the host; `drop` it after use. */
  staging(bytes: number): GPUBuffer {
    return this.#create(Math.max(4, bytes), usage.mapRead | usage.copyTarget);
  }

  /** A buffer of parameters; `drop` it after use. */
  parameters(bytes: number): GPUBuffer {
    return this.#create(bytes, usage.uniform | usage.copyTarget);
  }

  drop(buffer: GPUBuffer): void {
    this.#destroy(buffer);
  }

  /** Destroys what waits; what is in use goes with the device. */
  clear(): void {
    for (const buffers of this.#waiting.values()) for (const buffer of buffers) this.#destroy(buffer);
    this.#waiting.clear();
    this.#waitingBytes = 0;
  }

  #create(size: number, flags: number): GPUBuffer {
    const buffer = this.#device.createBuffer({ size, usage: flags });
    this.createdBytes += size;
    return buffer;
  }

  #destroy(buffer: GPUBuffer): void {
    this.createdBytes -= buffer.size;
    buffer.destroy();
  }
}

/** Powers of two, and three steps between each and the next: at most a fifth is wasted. */
function sizeClass(bytes: number): number {
  if (bytes <= 256) return 256;
  const below = 2 ** Math.floor(Math.log2(bytes - 1));
  const step = Math.max(256, below / 4);
  return Math.ceil(bytes / step) * step;
}
