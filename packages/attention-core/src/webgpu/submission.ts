// One submission: a command buffer, the parameters of its runs, and the values that go back to the host. It is made and
// submitted without a pause, so that whatever is given back after it serves only what comes later.

import type { GpuMemory } from "./gpu-memory.ts";
import type { Copy, Dispatch, Read, WorkOwner } from "./work.ts";

/** Bytes between the parameters of two runs: the alignment that every device has at most. */
const alignment = 256;
/** Runs of a submission, at most. */
const mostRuns = 512;
/** Groups along a dimension, at most. */
const mostGroups = 65_535;
/** Bytes that a submission reads, unless a single tensor has more. */
const mostRead = 2 ** 24;

/** The parameters of the runs of a submission, used again for the next one. */
export type ParameterSlots = Uint32Array;

/** Room for the parameters of a submission. */
export function createSlots(): ParameterSlots {
  return new Uint32Array((mostRuns * alignment) / 4);
}

/** A read, and where its bytes are. */
export interface PlacedRead {
  readonly read: Read;
  readonly firstByte: number;
}

/** Commands that are being encoded. */
export class Submission {
  readonly #device: GPUDevice;
  readonly #memory: GpuMemory;
  readonly #slots: ParameterSlots;
  #encoder: GPUCommandEncoder | null = null;
  #pass: GPUComputePassEncoder | null = null;
  #runs = 0;
  #readBytes = 0;
  /** Whose work is in it, which buffers it uses, what is read, and where that arrives. */
  readonly owners: Set<WorkOwner> = new Set();
  readonly buffers: Set<GPUBuffer> = new Set();
  readonly reads: PlacedRead[] = [];
  staging: GPUBuffer | null = null;

  constructor(device: GPUDevice, memory: GpuMemory, slots: ParameterSlots) {
    this.#device = device;
    this.#memory = memory;
    this.#slots = slots;
  }

  get hasRoomForRun(): boolean {
    return this.#runs < mostRuns;
  }

  /** Units of a run, at most. */
  get mostUnits(): number {
    return mostGroups * mostGroups;
  }

  /** Runs the units `first .. end` of a kernel. */
  run(one: Dispatch, pipeline: GPUComputePipeline, first: number, end: number): void {
    const { kernel, buffers, parameters } = one;
    const offset = this.#runs * alignment;
    this.#slots.set([first, end, ...parameters], offset / 4);
    this.#runs += 1;
    const uniform = { buffer: this.#memory.parameters(mostRuns * alignment), offset, size: alignment };
    this.#use(one.owner, buffers);
    this.#encoder ??= this.#device.createCommandEncoder();
    this.#pass ??= this.#encoder.beginComputePass();
    this.#pass.setPipeline(pipeline);
    this.#pass.setBindGroup(
      0,
      this.#device.createBindGroup({
        label: kernel.key,
        layout: pipeline.getBindGroupLayout(0),
        entries: [
          { binding: 0, resource: uniform },
          ...buffers.map((buffer, i) => ({ binding: i + 1, resource: { buffer } })),
        ],
      }),
    );
    const across = Math.min(end - first, mostGroups);
    this.#pass.dispatchWorkgroups(across, Math.ceil((end - first) / across));
  }

  copy({ owner, from, fromByte, to, toByte, bytes }: Copy): void {
    if (bytes === 0) return;
    this.#use(owner, [from, to]);
    this.#copying().copyBufferToBuffer(from, fromByte, to, toByte, bytes);
  }

  /** Whether a read still fits beside the others. */
  hasRoomForRead({ bytes }: Read): boolean {
    return this.staging === null || this.#readBytes + bytes <= this.staging.size;
  }

  /** Copies what is read to where the host can see it; `all` tells how many bytes may come to be read from here on. */
  read(read: Read, all: () => number): void {
    this.owners.add(read.owner);
    this.reads.push({ read, firstByte: this.#readBytes });
    if (read.bytes === 0) return;
    this.staging ??= this.#memory.staging(Math.max(read.bytes, Math.min(all(), mostRead)));
    this.#use(read.owner, [read.from, this.staging]);
    this.#copying().copyBufferToBuffer(read.from, 0, this.staging, this.#readBytes, read.bytes);
    this.#readBytes += read.bytes;
  }

  /** Bytes of what is read, as a mapping takes them. */
  get readBytes(): number {
    return Math.ceil(this.#readBytes / 8) * 8;
  }

  /** Hands it over to the device. */
  submit(): void {
    this.#pass?.end();
    if (this.#runs > 0) {
      this.#memory.write(this.#memory.parameters(mostRuns * alignment), this.#slots, (this.#runs * alignment) / 4);
    }
    if (this.#encoder !== null) this.#device.queue.submit([this.#encoder.finish()]);
  }

  #copying(): GPUCommandEncoder {
    this.#pass?.end();
    this.#pass = null;
    return (this.#encoder ??= this.#device.createCommandEncoder());
  }

  #use(owner: WorkOwner, buffers: readonly GPUBuffer[]): void {
    this.owners.add(owner);
    for (const buffer of buffers) this.buffers.add(buffer);
  }
}
