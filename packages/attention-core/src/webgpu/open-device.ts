// From a page's or a program's GPU to a device, with as much as its adapter offers.

import { BackendUnavailableError } from "../errors.ts";

/** How to open a device. */
export interface WebgpuOptions {
  /** `navigator.gpu` by default; in Node what the package webgpu makes. */
  readonly gpu?: GPU | undefined;
  /**
   * Whether a program may do the work of a GPU (SwiftShader, llvmpipe): right for tests, slower than WASM. Default false:
   * such an adapter counts as none.
   */
  readonly software?: boolean;
  readonly powerPreference?: GPUPowerPreference;
}

/** A device, and what its adapter is. */
export interface OpenDevice {
  /** Kept for as long as its device: in Node the program aborts when the one is collected before the other. */
  readonly gpu: GPU;
  readonly device: GPUDevice;
  readonly adapter: string;
  readonly isSoftware: boolean;
  readonly reason: string | null;
}

/** Limits that are asked for as high as they go. */
const wanted = ["maxStorageBufferBindingSize", "maxBufferSize"] as const;

/** Opens a device. Rejects with `BackendUnavailableError`, which says why there is none. */
export async function openDevice({ gpu, software = false, powerPreference }: WebgpuOptions): Promise<OpenDevice> {
  const source = gpu ?? (globalThis as { readonly navigator?: { readonly gpu?: GPU } }).navigator?.gpu;
  const refuse = (reason: string, cause?: unknown): never => {
    throw new BackendUnavailableError("Cannot open the WebGPU backend", [reason], { cause });
  };
  if (source === undefined) return refuse("there is no navigator.gpu here, and no gpu was given");
  const adapter = await source
    .requestAdapter(powerPreference && { powerPreference })
    .catch((cause: unknown) => refuse(`no adapter: ${(cause as Error).message}`, cause));
  if (adapter === null) return refuse("there is no adapter");
  const { info } = adapter;
  const name = [info.vendor, info.architecture, info.device, info.description].filter(Boolean).join(" ") || "unknown";
  const isSoftware = isSoftwareAdapter(adapter);
  if (isSoftware && !software)
    return refuse(`the adapter ${name} is a program, not a GPU; { software: true } takes it`);
  const requiredLimits = Object.fromEntries(wanted.map((limit) => [limit, adapter.limits[limit]]));
  try {
    const device = await adapter.requestDevice({ label: "saccade", requiredLimits });
    return { gpu: source, device, adapter: name, isSoftware, reason: isSoftware ? `${name} is a program, not a GPU` : null };
  } catch (cause) {
    return refuse(`the adapter ${name} gives no device: ${(cause as Error).message}`, cause);
  }
}

function isSoftwareAdapter({ info }: GPUAdapter): boolean {
  const { isFallbackAdapter } = info as GPUAdapterInfo & { readonly isFallbackAdapter?: boolean };
  if (isFallbackAdapter === true) return true;
  return /swiftshader|llvmpipe|lavapipe|basic render/i.test(`${info.architecture} ${info.device} ${info.description}`);
}
