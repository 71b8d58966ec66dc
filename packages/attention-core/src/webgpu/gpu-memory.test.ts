import { describe, expect, it } from "vitest";
import { OutOfMemoryError } from "../errors.ts";
import { GpuMemory } from "./gpu-memory.ts";

/** What memory asks of a device, which has `free` bytes; it tells of a buffer that does not fit a little later. */
function deviceOf(free = Infinity): {
  readonly device: GPUDevice;
  readonly alive: Set<GPUBuffer>;
  readonly left: () => number;
} {
  const alive = new Set<GPUBuffer>();
  let left = free;
  const scopes: { filter: string; found: { message: string } | null }[] = [];
  const device = {
    queue: { writeBuffer: () => {} },
    pushErrorScope: (filter: string) => scopes.push({ filter, found: null }),
    popErrorScope: async () => scopes.pop()?.found ?? null,
    createBuffer: ({ size }: GPUBufferDescriptor) => {
      const fits = size <= left;
      if (fits) left -= size;
      const scope = scopes.findLast(({ filter }) => filter === "out-of-memory");
      if (!fits && scope) scope.found = { message: "nothing is free" };
      const buffer = {
        size,
        destroy: () => {
          if (alive.delete(buffer) && fits) left += size;
        },
      } as unknown as GPUBuffer;
      alive.add(buffer);
      return buffer;
    },
  };
  return { device: device as unknown as GPUDevice, alive, left: () => left };
}

/** Until the device has told. */
const told = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe("GpuMemory", () => {
  it("counts what exists and what is in use, and gives what came back out again", () => {
    const { device, alive } = deviceOf();
    const memory = new GpuMemory(device, 2 ** 20);
    const [first, second] = [memory.take(1000), memory.take(3000)];
    expect([memory.liveBytes, memory.createdBytes, memory.peakBytes]).toEqual([4096, 4096, 4096]);
    memory.give(first);
    expect([memory.liveBytes, memory.createdBytes]).toEqual([3072, 4096]);
    expect(memory.take(900)).toBe(first);
    memory.give(first);
    memory.give(second);
    memory.giveStaging(memory.staging(8));
    memory.parameters(512);
    expect([memory.liveBytes, memory.createdBytes, memory.peakBytes]).toEqual([0, 4096 + 256 + 512, 4096]);
    memory.clear();
    expect([memory.createdBytes, alive.size]).toEqual([0, 0]);
    memory.give(second);
    expect(memory.liveBytes).toBe(0);
  });

  it("has buffers up to its limit, and refuses more before one is created", () => {
    const { device, alive } = deviceOf();
    const limit = 2 ** 31 - 4;
    const memory = new GpuMemory(device, limit);
    expect(memory.take(limit).size).toBe(limit);
    expect(() => memory.take(limit + 4)).toThrow(OutOfMemoryError);
    expect(alive.size).toBe(1);
    const beyond = new GpuMemory(device, 2 ** 32 - 4);
    expect(beyond.take(2 ** 32 - 4).size).toBe(2 ** 32 - 4);
  });

  it("has one buffer of parameters, a larger one when it must", () => {
    const { device, alive } = deviceOf();
    const memory = new GpuMemory(device, 2 ** 20);
    const small = memory.parameters(512);
    expect(memory.parameters(256)).toBe(small);
    expect(memory.parameters(1024).size).toBe(1024);
    expect(alive.has(small)).toBe(false);
  });

  it("tells of a buffer that the device has no memory for, gives up what waits, and keeps it from others", async () => {
    const { device, alive, left } = deviceOf(8192);
    const memory = new GpuMemory(device, 2 ** 20);
    const [kept, waiting] = [memory.take(1024), memory.take(4096)];
    memory.give(waiting);
    const large = memory.take(7168);
    memory.write(large, new Float32Array(1792));
    await told();
    expect(memory.whyBroken(kept)).toBeNull();
    expect(memory.whyBroken(large)?.message).toMatch(
      /^Cannot make a tensor: the device must have memory for 7168 bytes beside 5120, it has not: nothing is free$/,
    );
    expect([alive.has(waiting), left()]).toEqual([false, 7168]);
    memory.give(large);
    expect(alive.has(large)).toBe(false);
    const next = memory.take(7168);
    await told();
    expect([next === large, memory.whyBroken(next)]).toEqual([false, null]);
  });
});
