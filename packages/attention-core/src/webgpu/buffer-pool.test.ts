import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BufferPool, sizeClass } from "./buffer-pool.ts";

/** What a pool looks at of a buffer. */
function bufferOf(size: number): GPUBuffer {
  return { size } as GPUBuffer;
}

function poolOf(most: number): { readonly pool: BufferPool; readonly destroyed: GPUBuffer[] } {
  const destroyed: GPUBuffer[] = [];
  return { pool: new BufferPool(most, (buffer) => destroyed.push(buffer)), destroyed };
}

describe("BufferPool", () => {
  it("gives a buffer of the size out again, the last one first, and each once", () => {
    const { pool } = poolOf(1000);
    const [first, second, other] = [bufferOf(100), bufferOf(100), bufferOf(200)];
    for (const buffer of [first, second, other]) pool.give(buffer);
    expect(pool.take(100)).toBe(second);
    expect(pool.take(100)).toBe(first);
    expect(pool.take(100)).toBeUndefined();
    expect(pool.bytes).toBe(200);
  });

  it("destroys those that waited longest once more bytes wait than are allowed", () => {
    const { pool, destroyed } = poolOf(250);
    const [first, second, third] = [bufferOf(100), bufferOf(100), bufferOf(100)];
    for (const buffer of [first, second, third]) pool.give(buffer);
    expect(destroyed).toEqual([first]);
    const large = bufferOf(300);
    pool.give(large);
    expect(destroyed).toEqual([first, second, third, large]);
    expect(pool.bytes).toBe(0);
  });

  it("never holds more than is allowed, and loses none", () => {
    const calls = fc.array(fc.record({ size: fc.constantFrom(16, 32, 64), takes: fc.boolean() }), { maxLength: 60 });
    fc.assert(
      fc.property(calls, (all) => {
        const { pool, destroyed } = poolOf(200);
        const waiting = new Set<GPUBuffer>();
        for (const { size, takes } of all) {
          if (takes) {
            const isThere = [...waiting].some((each) => each.size === size);
            const buffer = pool.take(size);
            if ((buffer !== undefined) !== isThere) return false;
            if (buffer !== undefined) waiting.delete(buffer);
          } else {
            const buffer = bufferOf(size);
            waiting.add(buffer);
            pool.give(buffer);
          }
          for (const buffer of destroyed.splice(0)) waiting.delete(buffer);
          expect(pool.bytes).toBe([...waiting].reduce((sum, buffer) => sum + buffer.size, 0));
          expect(pool.bytes).toBeLessThanOrEqual(200);
        }
        pool.clear();
        expect(new Set(destroyed)).toEqual(waiting);
        expect(pool.bytes).toBe(0);
        return true;
      }),
    );
  });
});

describe("sizeClass()", () => {
  it("is at least the size, a multiple of 256, and at most a quarter or 256 bytes more", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (bytes) => {
        const size = sizeClass(bytes);
        expect(size).toBeGreaterThanOrEqual(bytes);
        expect(size % 256).toBe(0);
        expect(size).toBeLessThanOrEqual(Math.max(bytes + 256, 1.25 * bytes));
        expect(sizeClass(size)).toBe(size);
      }),
    );
  });
});
