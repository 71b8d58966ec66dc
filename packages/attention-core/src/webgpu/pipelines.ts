// Programs of kernels, compiled once each and without blocking whoever asks.

import { GpuError, guarded } from "./gpu-error.ts";
import { type Kernel, programOf } from "./kernel.ts";

/** The pipelines of a device, by the key of their kernel. */
export class Pipelines {
  readonly #device: GPUDevice;
  readonly #all = new Map<string, Promise<GPUComputePipeline>>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** The pipeline of a kernel. The first call begins to compile it. Rejects with `GpuError` for one that does not compile. */
  async get(kernel: Kernel): Promise<GPUComputePipeline> {
    let pipeline = this.#all.get(kernel.key);
    if (pipeline === undefined) {
      pipeline = this.#compile(kernel);
      // Whoever needs it hears of a failure; whoever only asked ahead does not.
      pipeline.catch(() => {});
      this.#all.set(kernel.key, pipeline);
    }
    return pipeline;
  }

  async #compile(kernel: Kernel): Promise<GPUComputePipeline> {
    const code = programOf(kernel);
    const { result: module, found } = guarded(this.#device, () =>
      this.#device.createShaderModule({ label: kernel.key, code }),
    );
    try {
      return await this.#device.createComputePipelineAsync({
        label: kernel.key,
        layout: "auto",
        compute: { module, entryPoint: "main" },
      });
    } catch (cause) {
      const invalid = await found;
      const { messages } = await module.getCompilationInfo().catch(() => ({ messages: [] }));
      const said = messages.map(({ lineNum, message }) => `line ${lineNum}: ${message}`).join("; ");
      const { reason } = cause as Partial<GPUPipelineError>;
      throw new GpuError(
        `Cannot compile ${kernel.key}: ${said || invalid?.message || (cause as Error).message}`,
        invalid === null && reason === "internal" ? "internal" : "validation",
        { cause },
      );
    }
  }
}
