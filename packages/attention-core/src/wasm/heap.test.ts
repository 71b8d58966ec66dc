import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OutOfMemoryError } from "../errors.ts";
import { Heap } from "./heap.ts";

const pageBytes = 65_536;
/** Below this nothing is handed out; and every stretch is a multiple of a cache line. */
const [firstAddress, line] = [4096, 64];

function openHeap({ initial = 1, maximum = 16, shared = false } = {}): Heap {
  return new Heap(new WebAssembly.Memory({ initial, maximum, shared }), maximum * pageBytes);
}

const sizeOnHeap = (bytes: number): number => Math.max(line, Math.ceil(bytes / line) * line);

/** The longest stretch that is neither in `taken` nor below the first address nor beyond `end`. */
function longestGap(taken: readonly Stretch[], end: number): number {
  let longest = 0;
  let from = firstAddress;
  for (const [address, size] of taken.toSorted(([a], [b]) => a - b)) {
    longest = Math.max(longest, address - from);
    from = address + size;
  }
  return Math.max(longest, end - from);
}

type Stretch = readonly [address: number, size: number];

/** What allocate(bytes) gives while `live` is taken, null if it is refused; and what is wrong with that. */
function allocate(heap: Heap, live: readonly Stretch[], bytes: number): { made: Stretch | null; faults: string[] } {
  const size = sizeOnHeap(bytes);
  const [end, liveBytes] = [heap.memory.buffer.byteLength, heap.liveBytes];
  const gap = longestGap(live, end);
  const faultsAmong = (rules: Readonly<Record<string, boolean>>): string[] =>
    Object.entries(rules).flatMap(([rule, holds]) => (holds ? [] : [`${rule}: ${bytes} bytes`]));
  let address: number;
  try {
    address = heap.allocate(bytes);
  } catch (error) {
    const freeAtEnd = end - Math.max(firstAddress, ...live.map(([place, taken]) => place + taken));
    const faults = faultsAmong({
      "a refusal is an OutOfMemoryError": error instanceof OutOfMemoryError,
      "only what does not fit is refused": size > Math.max(gap, freeAtEnd + heap.maximumBytes - end),
      "a refusal changes nothing": heap.memory.buffer.byteLength === end && heap.liveBytes === liveBytes,
    });
    if (gap >= line) heap.free(heap.allocate(gap)); // what was free still is
    return { made: null, faults };
  }
  const last = address + size;
  const faults = faultsAmong({
    "stretches begin at a cache line": address % line === 0,
    "stretches lie within the memory": address >= firstAddress && last <= heap.memory.buffer.byteLength,
    "stretches do not overlap": !live.some(([other, taken]) => address < other + taken && other < last),
    "the memory grows only if nothing else fits": heap.memory.buffer.byteLength > end === size > gap,
  });
  return { made: [address, size], faults };
}

/** Numbers for allocate(bytes), or for free() of one that is there. */
const steps = fc.array(
  fc.oneof(
    fc.record({ bytes: fc.oneof(fc.nat(300), fc.nat(30_000), fc.nat(400_000)) }),
    fc.record({ free: fc.nat(1000) }),
  ),
  { maxLength: 60, size: "max" },
);

describe("Heap", () => {
  it("allocate() never overlaps what is taken, grows only if nothing else fits, and changes nothing when it throws", () => {
    let refused = 0;
    fc.assert(
      fc.property(steps, fc.boolean(), (list, shared) => {
        const heap = openHeap({ shared });
        const live: Stretch[] = [];
        const faults: string[] = [];
        for (const step of list) {
          if ("free" in step) {
            const [gone] = live.length === 0 ? [] : live.splice(step.free % live.length, 1);
            if (gone !== undefined) heap.free(gone[0]);
          } else {
            const { made, faults: found } = allocate(heap, live, step.bytes);
            faults.push(...found);
            if (made === null) refused += 1;
            else live.push(made);
          }
          expect(heap.liveBytes).toBe(live.reduce((sum, [, size]) => sum + size, 0));
        }
        expect(faults).toEqual([]);
        for (const [address] of live) heap.free(address);
        expect(heap.liveBytes).toBe(0);
        const end = heap.memory.buffer.byteLength;
        expect(heap.allocate(end - firstAddress)).toBe(firstAddress);
        expect(heap.memory.buffer.byteLength).toBe(end);
      }),
      { numRuns: 300 },
    );
    expect(refused).toBeGreaterThan(20);
  });

  it("allocate() throws an OutOfMemoryError that tells request and limit", () => {
    const heap = openHeap({ initial: 1, maximum: 2 });
    const kept = heap.allocate(1000);
    expect(() => heap.allocate(2 * pageBytes)).toThrow(
      expect.objectContaining({ name: "OutOfMemoryError", requestedBytes: 2 * pageBytes, limitBytes: 2 * pageBytes }),
    );
    expect(() => heap.allocate(Infinity)).toThrow(OutOfMemoryError);
    heap.free(kept);
    expect(heap.allocate(2 * pageBytes - firstAddress)).toBe(firstAddress);
  });

  it("allocate() throws an OutOfMemoryError when the engine refuses to grow below the limit", () => {
    const heap = new Heap(new WebAssembly.Memory({ initial: 1, maximum: 2 }), 100 * pageBytes);
    expect(() => heap.allocate(3 * pageBytes)).toThrow(OutOfMemoryError);
    expect(heap.liveBytes).toBe(0);
    // A quarter more would be refused, the page that is needed is not.
    expect(heap.allocate(pageBytes)).toBe(firstAddress);
  });

  it("allocate() uses the free end of the memory before it grows, and then by no more than is needed at the limit", () => {
    const heap = openHeap({ initial: 4, maximum: 5 });
    const address = heap.allocate(5 * pageBytes - firstAddress);
    expect(address).toBe(firstAddress);
    expect(heap.memory.buffer.byteLength).toBe(5 * pageBytes);
  });

  it.each(["bytes", "floats", "integers"] as const)(
    "%s sees the memory anew after growth, with what stood in it",
    (view) => {
      for (const shared of [false, true]) {
        const heap = openHeap({ shared });
        const place = heap.allocate(64) / heap[view].BYTES_PER_ELEMENT;
        heap[view][place] = 7;
        const far = heap.allocate(5 * pageBytes) / heap[view].BYTES_PER_ELEMENT;
        heap[view][far] = 9;
        expect([heap[view][place], heap[view][far], heap[view].byteLength]).toEqual([
          7,
          9,
          heap.memory.buffer.byteLength,
        ]);
      }
    },
  );

  it("free() throws RangeError for what was not allocated or is free already, and changes nothing", () => {
    const heap = openHeap();
    const [first, second] = [heap.allocate(100), heap.allocate(100)];
    heap.free(first);
    for (const address of [first, second + line, 0, -1, NaN]) {
      expect(() => heap.free(address)).toThrow(
        new RangeError(`Cannot free memory: nothing was allocated at ${address}`),
      );
    }
    expect(heap.liveBytes).toBe(128);
    expect(heap.allocate(100)).toBe(first);
  });
});
