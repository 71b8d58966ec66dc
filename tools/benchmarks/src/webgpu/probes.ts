// What the GPU does at best, measured in the same rounds as the cases: the rate of multiply-adds in registers, and of
// copies within its memory.

/// <reference types="@webgpu/types" />

import { copyGroup, copyKernel } from "./kernels/copy.wgsl.ts";
import { fmaPeakKernel, operationsOfALoop, peakGroup } from "./kernels/fma-peak.wgsl.ts";

/** A piece of work of known size, on a device of its own. */
export interface GpuProbe {
  /** Floating-point operations, or bytes read and written, of one run. */
  readonly amount: number;
  readonly run: () => Promise<void>;
  /** The first numbers of what it wrote. */
  readonly read: (count: number) => Promise<Float32Array>;
  readonly dispose: () => void;
}

/** How much the probes do. */
export interface ProbeSizes {
  readonly groups: number;
  readonly loops: number;
  /** Of each of the two buffers of the copy, at most; a device may allow less. */
  readonly bytes: number;
}

/** Some milliseconds on a fast card: enough groups for every multiprocessor many times, and bytes that no cache holds. */
export const fullSizes: ProbeSizes = { groups: 8192, loops: 512, bytes: 2 ** 29 };

/** Factors for which the sums settle at 1. */
const [x, y] = [0.5, 0.5];

/** Multiply-adds in registers. */
export async function peakProbe({ groups, loops }: ProbeSizes): Promise<GpuProbe> {
  const device = await openDevice();
  const sizes = device.createBuffer({ size: 16, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
  device.queue.writeBuffer(sizes, 0, Uint32Array.of(loops, ...new Uint32Array(Float32Array.of(x, y).buffer), 0));
  const totals = storage(device, 4 * groups * peakGroup);
  const run = await kernelRun(device, fmaPeakKernel(), [sizes, totals], groups);
  const amount = groups * peakGroup * loops * operationsOfALoop;
  return { amount, run, read: async (count) => readBack(device, totals, count), dispose: () => device.destroy() };
}

/** A copy; what is copied are ones. */
export async function bandwidthProbe(sizes: ProbeSizes): Promise<GpuProbe> {
  const device = await openDevice();
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  const bytes = Math.min(sizes.bytes, maxBufferSize, maxStorageBufferBindingSize) & ~15;
  const [from, to] = [storage(device, bytes), storage(device, bytes)];
  device.queue.writeBuffer(from, 0, new Float32Array(Math.min(1024, bytes / 4)).fill(1));
  const groups = Math.min(16_384, Math.ceil(bytes / 16 / copyGroup));
  const run = await kernelRun(device, copyKernel(), [from, to], groups);
  return {
    amount: 2 * bytes,
    run,
    read: async (count) => readBack(device, to, count),
    dispose: () => device.destroy(),
  };
}

async function openDevice(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter();
  if (adapter === null) throw new Error("Cannot probe the GPU: there must be an adapter, there is none");
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  return adapter.requestDevice({ requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } });
}

function storage(device: GPUDevice, size: number): GPUBuffer {
  return device.createBuffer({
    size,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST,
  });
}

/** Runs `code` once over `groups` groups, and waits. */
async function kernelRun(
  device: GPUDevice,
  code: string,
  buffers: readonly GPUBuffer[],
  groups: number,
): Promise<() => Promise<void>> {
  const module = device.createShaderModule({ code });
  const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute: { module } });
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  const bindings = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  return async () => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindings);
    pass.dispatchWorkgroups(groups);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
  };
}

async function readBack(device: GPUDevice, buffer: GPUBuffer, count: number): Promise<Float32Array> {
  const staging = device.createBuffer({ size: 4 * count, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, 4 * count);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  return new Float32Array(staging.getMappedRange().slice(0));
}
