// From a page's or a program's GPU to a device, with as much as its adapter offers.

import { BackendUnavailableError } from "../errors.ts";
import { type SelfTest, selfTest } from "./self-test.ts";
import type { Variants } from "./variants.ts";

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
  /** What of its features is used. */
  readonly variants: Variants;
  /** What is less than it could be; null where nothing is. */
  readonly reason: string | null;
}

/** Limits that are asked for as high as they go. */
const wanted = ["maxStorageBufferBindingSize", "maxBufferSize", "maxComputeWorkgroupStorageSize"] as const;

/** Features that are asked for where there are any. */
const features: readonly GPUFeatureName[] = ["subgroups"];

/** Opens a device. Rejects with `BackendUnavailableError`, which says why there is none. */
export async function openDevice({ gpu, software = false, powerPreference }: WebgpuOptions): Promise<OpenDevice> {
  const source = gpu ?? (globalThis as { readonly navigator?: { readonly gpu?: GPU } }).navigator?.gpu;
  if (source === undefined) throw unavailable("there is no navigator.gpu here, and no gpu was given");
  const options = powerPreference && { powerPreference };
  // What was asked for when a browser's GPU process ended comes back as nothing; its next one serves as well.
  const first = await tryAdapter(source, options, software);
  const found = first instanceof BackendUnavailableError ? await tryAdapter(source, options, software) : first;
  if (found instanceof BackendUnavailableError) throw found;
  return found;
}

/** A device, or the error that says why there is none, where asking again may help. */
async function tryAdapter(
  source: GPU,
  options: GPURequestAdapterOptions | undefined,
  software: boolean,
): Promise<OpenDevice | BackendUnavailableError> {
  let name = "";
  try {
    const adapter = await source.requestAdapter(options);
    if (adapter === null) return unavailable("there is no adapter");
    name = nameOf(adapter);
    const isSoftware = isSoftwareAdapter(adapter);
    if (isSoftware && !software) {
      throw unavailable(`the adapter ${name} is a program, not a GPU; { software: true } takes it`);
    }
    const requiredLimits = Object.fromEntries(wanted.map((limit) => [limit, adapter.limits[limit]]));
    const requiredFeatures = features.filter((feature) => adapter.features.has(feature));
    const device = await adapter.requestDevice({ label: "saccade", requiredLimits, requiredFeatures });
    const { variants, reasons } = await testedDevice(device);
    const reason = [...(isSoftware ? [`${name} is a program, not a GPU`] : []), ...reasons].join("; ") || null;
    return { gpu: source, device, adapter: name, isSoftware, variants, reason };
  } catch (cause) {
    if (cause instanceof BackendUnavailableError) throw cause;
    const subject = name === "" ? "no adapter" : `the adapter ${name} gives no device`;
    return unavailable(`${subject}: ${(cause as Error).message}`, cause);
  }
}

/** What a device does rightly; one that is of no use is destroyed. */
async function testedDevice(device: GPUDevice): Promise<SelfTest> {
  try {
    return await selfTest(device, { subgroups: device.features.has("subgroups"), f16: true });
  } catch (error) {
    device.destroy();
    throw error;
  }
}

function unavailable(reason: string, cause?: unknown): BackendUnavailableError {
  return new BackendUnavailableError("Cannot open the WebGPU backend", [reason], { cause });
}

function nameOf({ info }: GPUAdapter): string {
  return [info.vendor, info.architecture, info.device, info.description].filter(Boolean).join(" ") || "unknown";
}

function isSoftwareAdapter({ info }: GPUAdapter): boolean {
  const { isFallbackAdapter } = info as GPUAdapterInfo & { readonly isFallbackAdapter?: boolean };
  if (isFallbackAdapter === true) return true;
  return /swiftshader|llvmpipe|lavapipe|basic render/i.test(`${info.architecture} ${info.device} ${info.description}`);
}
