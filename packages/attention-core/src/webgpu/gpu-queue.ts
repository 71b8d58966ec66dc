// The work of a device, in the order in which it was asked for, whoever asked. It is submitted when somebody waits for it.

import type { DeviceLostError } from "../errors.ts";
import type { GpuMemory } from "./gpu-memory.ts";
import { type Kernel, programOf } from "./kernel.ts";

/** Whose work it is: a workspace, whose work is left out once it is dropped. */
export interface WorkOwner {
  readonly dropped: boolean;
}

/** A run of a kernel over `units`, about `unitCost` multiply-adds each. */
interface Dispatch {
  readonly kind: "dispatch";
  readonly owner: WorkOwner;
  readonly kernel: Kernel;
  readonly buffers: readonly GPUBuffer[];
  readonly parameters: readonly number[];
  readonly units: number;
  readonly unitCost: number;
}

interface Write {
  readonly kind: "write";
  readonly owner: WorkOwner;
  readonly buffer: GPUBuffer;
  readonly values: Float32Array | Int32Array | Uint32Array;
}

interface Copy {
  readonly kind: "copy";
  readonly owner: WorkOwner;
  readonly from: GPUBuffer;
  readonly fromByte: number;
  readonly to: GPUBuffer;
  readonly toByte: number;
  readonly bytes: number;
}

/** A step on the host, once all work before it is encoded: what is given back here serves only later work. It runs whoever was dropped. */
interface Step {
  readonly kind: "step";
  readonly run: () => void;
}

type Work = Dispatch | Write | Copy | Step;

/** Multiply-adds of a submission, before the speed of the device is known. */
const firstBudget = 2 ** 26;
/** How long a submission should take. */
const submissionMilliseconds = 60;
/** How long after what fails by it the loss of a device may be told. */
const lossMilliseconds = 1000;
/** Bytes between the parameters of two runs: the alignment that every device has at most. */
const alignment = 256;
const mostGroups = 65_535;

/** Encodes and submits work. */
export class GpuQueue {
  readonly #device: GPUDevice;
  readonly #memory: GpuMemory;
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();
  #work: Work[] = [];
  #tail: Promise<void> = Promise.resolve();
  #budget = firstBudget;
  #lost: DeviceLostError | null = null;
  #error: Error | null = null;

  constructor(device: GPUDevice, memory: GpuMemory) {
    this.#device = device;
    this.#memory = memory;
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.#error ??= new Error(`Cannot run on the GPU: ${event.error.message}`);
    });
  }

  /** From here on everything rejects with that. */
  lose(error: DeviceLostError): void {
    this.#lost = error;
  }

  /** Throws once the device is lost. */
  check(): void {
    if (this.#lost !== null) throw this.#lost;
  }

  /** What `error` comes from: browsers tell of a loss a little after what fails by it. */
  async causeOf(error: unknown): Promise<unknown> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, lossMilliseconds)));
    await Promise.race([this.#device.lost, late]);
    clearTimeout(timer);
    return this.#lost ?? error;
  }

  push(work: Work): void {
    this.#work.push(work);
    if (work.kind === "dispatch") void this.#pipeline(work.kernel).catch(() => {});
  }

  /** Submits everything that was pushed so far. Rejects with `DeviceLostError`. */
  async submit(): Promise<void> {
    const work = this.#work;
    this.#work = [];
    const turn = this.#tail.then(async () => this.#run(work));
    this.#tail = turn.catch(() => {});
    return turn;
  }

  async #run(work: readonly Work[]): Promise<void> {
    let encoder: GPUCommandEncoder | null = null;
    let pass: GPUComputePassEncoder | null = null;
    let cost = 0;
    const uniforms = this.#uniforms(work);
    const endPass = (): void => {
      pass?.end();
      pass = null;
    };
    const flush = (): void => {
      endPass();
      if (encoder !== null) this.#device.queue.submit([encoder.finish()]);
      encoder = null;
    };
    try {
      for (const one of work) {
        if (one.kind === "step") {
          one.run();
          continue;
        }
        if (one.owner.dropped || this.#lost !== null) continue;
        if (one.kind === "write") {
          flush();
          this.#device.queue.writeBuffer(one.buffer, 0, one.values as BufferSource);
        } else if (one.kind === "copy") {
          if (one.bytes === 0) continue;
          endPass();
          encoder ??= this.#device.createCommandEncoder();
          encoder.copyBufferToBuffer(one.from, one.fromByte, one.to, one.toByte, one.bytes);
        } else {
          const pipeline = await this.#pipeline(one.kernel);
          for (let first = 0; first < one.units && !one.owner.dropped;) {
            const room = Math.max(1, Math.floor((this.#budget - cost) / one.unitCost));
            const count = Math.min(one.units - first, room, mostGroups * mostGroups);
            encoder ??= this.#device.createCommandEncoder();
            pass ??= encoder.beginComputePass();
            pass.setPipeline(pipeline);
            pass.setBindGroup(0, this.#bind(pipeline, one, uniforms.place(one, first, first + count)));
            const across = Math.min(count, mostGroups);
            pass.dispatchWorkgroups(across, Math.ceil(count / across));
            first += count;
            cost += count * one.unitCost;
            if (cost >= this.#budget) {
              flush();
              await this.#settle(cost);
              cost = 0;
            }
          }
        }
      }
      flush();
    } catch (error) {
      throw await this.causeOf(error);
    } finally {
      uniforms.release();
    }
    if (this.#error !== null) throw this.#error;
    this.check();
  }

  /** Waits for what was submitted, and learns how much the device does in the time that a submission may take. */
  async #settle(cost: number): Promise<void> {
    const start = performance.now();
    await this.#device.queue.onSubmittedWorkDone();
    const elapsed = Math.max(0.05, performance.now() - start);
    const wanted = (cost / elapsed) * submissionMilliseconds;
    this.#budget = Math.min(this.#budget * 4, Math.max(2 ** 20, wanted));
  }

  /** Resolves when everything that was submitted has run. */
  async idle(): Promise<void> {
    try {
      await this.#device.queue.onSubmittedWorkDone();
    } catch (error) {
      throw await this.causeOf(error);
    }
    if (this.#error !== null) throw this.#error;
    this.check();
  }

  async #pipeline(kernel: Kernel): Promise<GPUComputePipeline> {
    let pipeline = this.#pipelines.get(kernel.key);
    if (pipeline === undefined) {
      pipeline = this.#compile(kernel);
      this.#pipelines.set(kernel.key, pipeline);
    }
    return pipeline;
  }

  async #compile(kernel: Kernel): Promise<GPUComputePipeline> {
    const module = this.#device.createShaderModule({ label: kernel.key, code: programOf(kernel) });
    try {
      return await this.#device.createComputePipelineAsync({
        label: kernel.key,
        layout: "auto",
        compute: { module, entryPoint: "main" },
      });
    } catch (cause) {
      await this.causeOf(cause);
      this.check();
      const { messages } = await module.getCompilationInfo();
      const said = messages.map(({ lineNum, message }) => `line ${lineNum}: ${message}`).join("; ");
      throw new Error(`Cannot compile ${kernel.key}: ${said || (cause as Error).message}`, { cause });
    }
  }

  #bind(pipeline: GPUComputePipeline, { kernel, buffers }: Dispatch, uniform: GPUBufferBinding): GPUBindGroup {
    return this.#device.createBindGroup({
      label: kernel.key,
      layout: pipeline.getBindGroupLayout(0),
      entries: [
        { binding: 0, resource: uniform },
        ...buffers.map((buffer, i) => ({ binding: i + 1, resource: { buffer } })),
      ],
    });
  }

  /** Places for the parameters of runs, in buffers that go when all is submitted. */
  #uniforms(work: readonly Work[]): {
    place(run: Dispatch, first: number, end: number): GPUBufferBinding;
    release(): void;
  } {
    const made: GPUBuffer[] = [];
    const runs = work.reduce((count, { kind }) => (kind === "dispatch" ? count + 1 : count), 0);
    const perBuffer = Math.min(256, Math.max(1, runs));
    let used = 0;
    return {
      place: ({ parameters }, first, end) => {
        if (used % perBuffer === 0) made.push(this.#memory.parameters(perBuffer * alignment));
        const buffer = made.at(-1)!;
        const offset = (used % perBuffer) * alignment;
        used += 1;
        const values = Uint32Array.of(first, end, ...parameters);
        // A buffer of its own for each stretch of time: it is written before any of its runs is submitted.
        this.#device.queue.writeBuffer(buffer, offset, values as BufferSource);
        return { buffer, offset, size: alignment };
      },
      release: () => {
        for (const buffer of made) this.#memory.drop(buffer);
      },
    };
  }
}
