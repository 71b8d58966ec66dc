import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OutOfMemoryError } from "../errors.ts";
import { Arena } from "./arena.ts";
import { Heap } from "./heap.ts";

const pageBytes = 65_536;
/** Pieces below this come from chunks of `chunkBytes` and stay until the arena is released. */
const largeBytes = 65_536;
const chunkBytes = 262_144;

function openHeap(maximum = 400): Heap {
  return new Heap(new WebAssembly.Memory({ initial: 1, maximum }), maximum * pageBytes);
}

interface Piece {
  readonly arena: number;
  readonly address: number;
  readonly bytes: number;
}

interface Step {
  readonly arena: number;
  readonly what: { readonly bytes: number } | { readonly free: number } | "release";
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    arena: fc.nat(1),
    what: fc.oneof(
      fc.record({ bytes: fc.oneof(fc.nat(200), fc.nat(largeBytes + 100), fc.nat(500_000)) }),
      fc.record({ free: fc.nat(1000) }),
      fc.constant("release" as const),
    ),
  }),
  { maxLength: 80, size: "max" },
);

/** Arenas over one heap, and what they hold. */
interface Arenas {
  readonly heap: Heap;
  readonly arenas: readonly Arena[];
  live: Piece[];
}

/** Does one step; returns what is wrong with it, or null. */
function faultOf(all: Arenas, { arena, what }: Step): string | null {
  const { heap, arenas } = all;
  if (what === "release") {
    arenas[arena]!.release();
    all.live = all.live.filter((piece) => piece.arena !== arena);
    return null;
  }
  if ("free" in what) {
    const mine = all.live.filter((piece) => piece.arena === arena);
    const gone = mine[what.free % Math.max(1, mine.length)];
    if (gone === undefined) return null;
    all.live = all.live.filter((piece) => piece !== gone);
    const before = heap.liveBytes;
    arenas[arena]!.free(gone.address);
    const freed = gone.bytes < largeBytes ? 0 : Math.ceil(gone.bytes / 64) * 64;
    return before - heap.liveBytes === freed ? null : `a piece of ${gone.bytes} gave back ${before - heap.liveBytes}`;
  }
  const bytes = Math.max(1, what.bytes);
  const address = arenas[arena]!.allocate(what.bytes);
  const other = all.live.find((piece) => address < piece.address + piece.bytes && piece.address < address + bytes);
  all.live.push({ arena, address, bytes });
  if (other !== undefined) return `${bytes} bytes at ${address} overlap ${other.bytes} at ${other.address}`;
  return address % 16 === 0 ? null : `${address} is not a multiple of 16`;
}

describe("Arena", () => {
  it("allocate() never overlaps what two arenas of a heap hold, and release() gives all of one back", () => {
    fc.assert(
      fc.property(steps, (list) => {
        const heap = openHeap();
        const other = heap.allocate(5000);
        const all: Arenas = { heap, arenas: [new Arena(heap), new Arena(heap)], live: [] };
        for (const step of list) expect(faultOf(all, step)).toBeNull();
        for (const arena of all.arenas) arena.release();
        expect(heap.liveBytes).toBe(Math.ceil(5000 / 64) * 64);
        heap.free(other);
        expect(heap.allocate(heap.memory.buffer.byteLength - 4096)).toBe(4096);
      }),
      { numRuns: 300 },
    );
  });

  it("allocate() leaves the arena as it was when the heap is full", () => {
    const heap = openHeap(8);
    const arena = new Arena(heap);
    const small = arena.allocate(100);
    expect(heap.liveBytes).toBe(chunkBytes);
    expect(() => arena.allocate(8 * pageBytes)).toThrow(OutOfMemoryError);
    expect(heap.liveBytes).toBe(chunkBytes);
    let pieces = 0;
    expect(() => {
      for (; ; pieces += 1) arena.allocate(60_000);
    }).toThrow(OutOfMemoryError); // the chunk is full, and another one does not fit
    expect(pieces).toBe(4);
    const last = arena.allocate(100); // what is left of the chunk still serves
    expect(last).toBe(small + 112 + 4 * 60_000);
    arena.release();
    expect(heap.liveBytes).toBe(0);
  });

  it("free() of an address that is not the arena's changes nothing", () => {
    const heap = openHeap();
    const [one, two] = [new Arena(heap), new Arena(heap)];
    const large = one.allocate(largeBytes);
    two.free(large);
    expect(heap.liveBytes).toBe(largeBytes);
    one.free(large);
    one.free(large);
    expect(heap.liveBytes).toBe(0);
  });
});
