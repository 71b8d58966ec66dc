// The GPU of this machine in Node: the package webgpu (Dawn) over the driver that the system has, else over SwiftShader where a
// Chromium has brought it along: right for checks, worthless for speed. Ours and the peers find it as `navigator.gpu`, and
// whoever asks gets the same adapter.

/// <reference types="@webgpu/types" />

import { existsSync } from "node:fs";

/** What the adapter is. */
export interface GpuDescription {
  /** Maker, architecture, device and driver, as far as it tells. */
  readonly name: string;
  readonly vendor: string;
  readonly architecture: string;
  /** Whether a program does the work of a GPU. */
  readonly isSoftware: boolean;
  readonly limits: Readonly<Record<string, number>>;
  readonly features: readonly string[];
}

const softwareDrivers = [
  "/usr/lib/chromium/vk_swiftshader_icd.json",
  "/usr/lib/chromium-browser/vk_swiftshader_icd.json",
];

/** Limits and features by which kernels are chosen. */
const toldLimits = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxStorageBuffersPerShaderStage",
] as const;
const toldFeatures = ["subgroups", "shader-f16", "timestamp-query"] as const;

/** Defines `navigator.gpu`, and the constants that go with it, and describes the adapter. Rejects with what is missing. */
export async function openGpu(): Promise<GpuDescription> {
  const { create, globals } = await import("webgpu");
  Object.assign(globalThis, globals);
  // Vulkan's loader complains without it.
  process.env["XDG_RUNTIME_DIR"] ??= "/tmp";
  const reasons: string[] = [];
  for (const driver of [undefined, softwareDrivers.find((path) => existsSync(path))]) {
    if (driver !== undefined) process.env["VK_DRIVER_FILES"] = process.env["VK_ICD_FILENAMES"] = driver;
    const ask = async (gpu: GPU): Promise<GPUAdapter | null> =>
      gpu.requestAdapter({ powerPreference: "high-performance" });
    try {
      const gpu = create([]);
      const adapter = await ask(gpu);
      if (adapter !== null) {
        const shared = {
          requestAdapter: async () => ask(gpu),
          getPreferredCanvasFormat: () => gpu.getPreferredCanvasFormat(),
          wgslLanguageFeatures: gpu.wgslLanguageFeatures,
        };
        Object.defineProperty(globalThis.navigator, "gpu", { value: shared, configurable: true });
        return describe(adapter);
      }
      reasons.push("there is no adapter");
    } catch (cause) {
      reasons.push(cause instanceof Error ? cause.message : String(cause));
    }
  }
  throw new Error(`a driver for Vulkan, Metal or Direct3D 12 must be installed: ${reasons[0]}`);
}

function describe({ info, limits, features }: GPUAdapter): GpuDescription {
  const name = [info.vendor, info.architecture, info.device, info.description].filter(Boolean).join(" ");
  return {
    name,
    vendor: info.vendor,
    architecture: info.architecture,
    isSoftware: info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(name),
    limits: Object.fromEntries(toldLimits.map((limit) => [limit, limits[limit]])),
    features: toldFeatures.filter((feature) => features.has(feature)),
  };
}
