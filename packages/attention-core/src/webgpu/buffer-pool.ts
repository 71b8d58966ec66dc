// Buffers that wait to serve again, by size. The bytes that wait are bounded: those that waited longest go first, so that
// the sizes of yesterday's batches do not keep out those of today.

/** Waiting buffers. Whoever takes one has it alone. */
export class BufferPool {
  readonly #most: number;
  readonly #destroy: (buffer: GPUBuffer) => void;
  readonly #bySize = new Map<number, GPUBuffer[]>();
  /** In the order in which they came. */
  readonly #all = new Set<GPUBuffer>();
  #bytes = 0;

  /** `most`: bytes that wait at most; `destroy` gets what is more. */
  constructor(most: number, destroy: (buffer: GPUBuffer) => void) {
    this.#most = most;
    this.#destroy = destroy;
  }

  /** Bytes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** One of exactly `size` bytes, the one that came last, or undefined. */
  take(size: number): GPUBuffer | undefined {
    const buffer = this.#bySize.get(size)?.pop();
    if (buffer !== undefined) this.#forget(buffer);
    return buffer;
  }

  /** Lets a buffer wait; one above the bound alone is destroyed. */
  give(buffer: GPUBuffer): void {
    const { size } = buffer;
    const others = this.#bySize.get(size);
    if (others) others.push(buffer);
    else this.#bySize.set(size, [buffer]);
    this.#all.add(buffer);
    this.#bytes += size;
    for (const oldest of this.#all) {
      if (this.#bytes <= this.#most) break;
      this.#drop(oldest);
    }
  }

  /** Destroys all that wait. */
  clear(): void {
    for (const buffer of this.#all) this.#drop(buffer);
  }

  #drop(buffer: GPUBuffer): void {
    const others = this.#bySize.get(buffer.size)!;
    others.splice(others.indexOf(buffer), 1);
    this.#forget(buffer);
    this.#destroy(buffer);
  }

  #forget(buffer: GPUBuffer): void {
    if (this.#bySize.get(buffer.size)?.length === 0) this.#bySize.delete(buffer.size);
    this.#all.delete(buffer);
    this.#bytes -= buffer.size;
  }
}

/** Powers of two, and three steps between each and the next: at most a fifth is wasted. */
export function sizeClass(bytes: number): number {
  if (bytes <= 256) return 256;
  const below = 2 ** Math.floor(Math.log2(bytes - 1));
  const step = Math.max(256, below / 4);
  return Math.ceil(bytes / step) * step;
}
