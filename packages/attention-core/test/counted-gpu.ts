// A GPU whose devices count what is created and destroyed, and how often they are asked for something, themselves: what the
// backend says of its own memory is not believed.

/** What a device was asked for. */
export interface DeviceCounts {
  /** Bytes of buffers that were created and not destroyed, and how many there are. */
  bytes: number;
  buffers: number;
  /** Calls so far. */
  created: number;
  submissions: number;
  mappings: number;
  pipelines: number;
}

/** How to count, and what to change on the way. */
export interface CountedOptions {
  /** Ask for a device of the default limits and without features, whatever is asked for. */
  readonly plain?: boolean;
  /** Is handed each new device before anybody else. */
  readonly onDevice?: (device: GPUDevice) => void;
}

/** `gpu`, counted; `null` where there is no adapter. */
export async function countedGpu(
  gpu: GPU | undefined,
  { plain = false, onDevice = () => {} }: CountedOptions = {},
): Promise<{ readonly gpu: GPU; readonly counts: DeviceCounts } | null> {
  if (gpu === undefined || (await gpu.requestAdapter()) === null) return null;
  const counts: DeviceCounts = { bytes: 0, buffers: 0, created: 0, submissions: 0, mappings: 0, pipelines: 0 };
  const requestAdapter = async (options?: GPURequestAdapterOptions): Promise<GPUAdapter | null> => {
    const adapter = await gpu.requestAdapter(options);
    if (adapter === null) return null;
    const requestDevice = adapter.requestDevice.bind(adapter);
    replace(adapter, "requestDevice", async (descriptor?: GPUDeviceDescriptor) => {
      const device = await requestDevice(plain ? {} : descriptor);
      onDevice(device);
      count(device, counts);
      return device;
    });
    return adapter;
  };
  return { gpu: { requestAdapter } as unknown as GPU, counts };
}

function count(device: GPUDevice, counts: DeviceCounts): void {
  const createBuffer = device.createBuffer.bind(device);
  const compile = device.createComputePipelineAsync.bind(device);
  const submit = device.queue.submit.bind(device.queue);
  replace(device, "createBuffer", (descriptor: GPUBufferDescriptor): GPUBuffer => {
    const buffer = createBuffer(descriptor);
    const destroy = buffer.destroy.bind(buffer);
    const map = buffer.mapAsync.bind(buffer);
    let isDestroyed = false;
    counts.bytes += descriptor.size;
    counts.buffers += 1;
    counts.created += 1;
    replace(buffer, "destroy", () => {
      if (!isDestroyed) {
        counts.bytes -= descriptor.size;
        counts.buffers -= 1;
      }
      isDestroyed = true;
      destroy();
    });
    replace(buffer, "mapAsync", async (...given: Parameters<typeof map>) => {
      counts.mappings += 1;
      return map(...given);
    });
    return buffer;
  });
  replace(device, "createComputePipelineAsync", async (descriptor: GPUComputePipelineDescriptor) => {
    counts.pipelines += 1;
    return compile(descriptor);
  });
  replace(device.queue, "submit", (buffers: Iterable<GPUCommandBuffer>) => {
    counts.submissions += 1;
    submit(buffers);
  });
}

/** Replaces a method of one object, which stays what the platform takes. */
export function replace(target: object, method: string, value: (...given: never[]) => unknown): void {
  Object.defineProperty(target, method, { configurable: true, value });
}
