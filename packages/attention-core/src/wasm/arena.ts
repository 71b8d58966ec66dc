// The memory of one workspace: small pieces side by side in chunks, large ones by themselves. All of it goes at once;
// a large piece may go earlier.

import type { Heap } from "./heap.ts";

const chunkBytes = 262_144;
/** Pieces of at least this size have a stretch of their own, which can be given back alone. */
const largeBytes = 65_536;

/** Hands out parts of a heap until it is released. */
export class Arena {
  readonly #heap: Heap;
  #chunks: number[] = [];
  #large = new Set<number>();
  #next = 0;
  #end = 0;

  constructor(heap: Heap) {
    this.#heap = heap;
  }

  /** The address of `bytes` bytes. Throws `OutOfMemoryError`. */
  allocate(bytes: number): number {
    if (bytes >= largeBytes) {
      const address = this.#heap.allocate(bytes);
      this.#large.add(address);
      return address;
    }
    const size = Math.max(16, (bytes + 15) & ~15);
    if (this.#next + size > this.#end) {
      this.#next = this.#heap.allocate(chunkBytes);
      this.#end = this.#next + chunkBytes;
      this.#chunks.push(this.#next);
    }
    const address = this.#next;
    this.#next += size;
    return address;
  }

  /** Gives a large piece back now; a small one waits for the others. */
  free(address: number): void {
    if (this.#large.delete(address)) this.#heap.free(address);
  }

  /** Gives everything back. */
  release(): void {
    for (const address of this.#chunks) this.#heap.free(address);
    for (const address of this.#large) this.#heap.free(address);
    this.#chunks = [];
    this.#large.clear();
    this.#next = 0;
    this.#end = 0;
  }
}
