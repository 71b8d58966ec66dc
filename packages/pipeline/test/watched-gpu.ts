// A GPU that tells of the calls that matter for a loss, before and after each, so that a test can lose the device right there.

/** A kind of call. */
export type GpuPhase = "adapter" | "device" | "upload" | "compile" | "dispatch" | "read" | "dispose";

/** Where a call stands: about to be made, or made with its promise still pending. */
export type GpuMoment = "before" | "during";

/** Is told of a call; `device` is null before there is one. */
export type GpuListener = (phase: GpuPhase, moment: GpuMoment, device: GPUDevice | null) => void;

/** `gpu`, whose adapters, devices, queues and buffers tell `listen` what they are asked for. */
export function watchGpu(gpu: GPU, listen: GpuListener): GPU {
  /** Replaces a method of one object: its wrapper stays what the platform takes as an argument. */
  const watch = <T extends object, K extends keyof T & string>(
    target: T,
    method: K,
    phase: GpuPhase,
    device: GPUDevice | null,
    onResult: (result: never) => void = () => {},
  ): void => {
    const call = (target[method] as (...args: unknown[]) => unknown).bind(target);
    const watched = (...args: unknown[]): unknown => {
      listen(phase, "before", device);
      const result = call(...args);
      listen(phase, "during", device);
      if (!(result instanceof Promise)) {
        onResult(result as never);
        return result;
      }
      return result.then((value: unknown) => {
        onResult(value as never);
        return value;
      });
    };
    Object.defineProperty(target, method, { configurable: true, value: watched });
  };
  const watchDevice = (device: GPUDevice): void => {
    watch(device.queue, "writeBuffer", "upload", device);
    watch(device.queue, "submit", "dispatch", device);
    watch(device, "createComputePipelineAsync", "compile", device);
    watch(device, "destroy", "dispose", device);
    const createBuffer = device.createBuffer.bind(device);
    const create = (descriptor: GPUBufferDescriptor): GPUBuffer => {
      const buffer = createBuffer(descriptor);
      watch(buffer, "mapAsync", "read", device);
      return buffer;
    };
    Object.defineProperty(device, "createBuffer", { configurable: true, value: create });
  };
  const watched = {
    requestAdapter: async (options?: GPURequestAdapterOptions) => {
      listen("adapter", "before", null);
      const pending = gpu.requestAdapter(options);
      listen("adapter", "during", null);
      const adapter = await pending;
      if (adapter !== null) watch(adapter, "requestDevice", "device", null, watchDevice as (device: never) => void);
      return adapter;
    },
  };
  return watched as unknown as GPU;
}
