// The linear memory of one instance and who owns which part of it: a first-fit list of free stretches, merged with
// their neighbours when they come back, so that the same sequence of batches never makes the memory grow twice.

import { OutOfMemoryError } from "../errors.ts";

const pageBytes = 65_536;
/** Every stretch begins and ends at a multiple of this: a cache line. */
const alignment = 64;
/** The first bytes are never handed out, so that 0 can stand for "nothing". */
const reservedBytes = 4096;

/** Linear memory with an allocator. Views are made anew after growth: never keep one across an allocation. */
export class Heap {
  readonly memory: WebAssembly.Memory;
  readonly maximumBytes: number;
  /** Bytes handed out and not yet given back. */
  liveBytes = 0;
  /** The most that was handed out at any time. */
  peakBytes = 0;
  #buffer: ArrayBufferLike;
  #bytes = new Uint8Array(0);
  #floats = new Float32Array(0);
  #integers = new Int32Array(0);
  #sizes = new Map<number, number>();
  // Free stretches by ascending address.
  #starts: number[] = [];
  #lengths: number[] = [];

  constructor(memory: WebAssembly.Memory, maximumBytes: number) {
    this.memory = memory;
    this.maximumBytes = maximumBytes;
    this.#buffer = memory.buffer;
    this.#view();
    this.#starts.push(reservedBytes);
    this.#lengths.push(memory.buffer.byteLength - reservedBytes);
  }

  get bytes(): Uint8Array {
    if (this.#buffer !== this.memory.buffer) this.#view();
    return this.#bytes;
  }

  get floats(): Float32Array {
    if (this.#buffer !== this.memory.buffer) this.#view();
    return this.#floats;
  }

  get integers(): Int32Array {
    if (this.#buffer !== this.memory.buffer) this.#view();
    return this.#integers;
  }

  /** The address of `bytes` bytes of unspecified content. Throws `OutOfMemoryError`, and then nothing has changed. */
  allocate(bytes: number): number {
    const size = Math.max(alignment, Math.ceil(bytes / alignment) * alignment);
    let index = this.#lengths.findIndex((length) => length >= size);
    if (index < 0) index = this.#grow(size);
    const address = this.#starts[index]!;
    if (this.#lengths[index] === size) {
      this.#starts.splice(index, 1);
      this.#lengths.splice(index, 1);
    } else {
      this.#starts[index] = address + size;
      this.#lengths[index]! -= size;
    }
    this.#sizes.set(address, size);
    this.liveBytes += size;
    if (this.liveBytes > this.peakBytes) this.peakBytes = this.liveBytes;
    return address;
  }

  /** Gives back what `allocate` returned. */
  free(address: number): void {
    const size = this.#sizes.get(address);
    if (size === undefined) throw new RangeError(`Cannot free memory: nothing was allocated at ${address}`);
    this.#sizes.delete(address);
    this.liveBytes -= size;
    this.#insert(address, size);
  }

  #insert(address: number, size: number): void {
    let low = 0;
    let high = this.#starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! < address) low = middle + 1;
      else high = middle;
    }
    const meetsNext = low < this.#starts.length && address + size === this.#starts[low];
    const meetsPrevious = low > 0 && this.#starts[low - 1]! + this.#lengths[low - 1]! === address;
    if (meetsPrevious && meetsNext) {
      this.#lengths[low - 1]! += size + this.#lengths[low]!;
      this.#starts.splice(low, 1);
      this.#lengths.splice(low, 1);
    } else if (meetsPrevious) {
      this.#lengths[low - 1]! += size;
    } else if (meetsNext) {
      this.#starts[low] = address;
      this.#lengths[low]! += size;
    } else {
      this.#starts.splice(low, 0, address);
      this.#lengths.splice(low, 0, size);
    }
  }

  /** Makes room for `size` bytes at the end; returns the index of the free stretch there. */
  #grow(size: number): number {
    const end = this.memory.buffer.byteLength;
    const last = this.#starts.length - 1;
    const open = last >= 0 && this.#starts[last]! + this.#lengths[last]! === end ? this.#lengths[last]! : 0;
    const needed = Math.ceil((size - open) / pageBytes);
    const room = Math.floor((this.maximumBytes - end) / pageBytes);
    if (needed > room) throw this.#tooLarge(size);
    // A quarter more than asked for, so that growth is rare.
    for (const pages of [Math.min(room, Math.max(needed, Math.ceil(end / pageBytes / 4))), needed]) {
      try {
        this.memory.grow(pages);
      } catch {
        continue;
      }
      this.#insert(end, pages * pageBytes);
      return this.#starts.length - 1;
    }
    throw this.#tooLarge(size);
  }

  #tooLarge(size: number): OutOfMemoryError {
    return new OutOfMemoryError(
      `Cannot allocate ${size} bytes: at most ${this.maximumBytes} bytes may be in use, ${this.liveBytes} are`,
      size,
      this.maximumBytes,
    );
  }

  #view(): void {
    this.#buffer = this.memory.buffer;
    this.#bytes = new Uint8Array(this.#buffer);
    this.#floats = new Float32Array(this.#buffer);
    this.#integers = new Int32Array(this.#buffer);
  }
}
