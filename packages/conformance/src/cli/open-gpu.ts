// A GPU for a program in Node: that of the package webgpu (Dawn), over the machine's Vulkan driver, or over SwiftShader where
// Debian's Chromium has brought it along.

/// <reference types="node" />
/// <reference types="@webgpu/types" />

import { existsSync } from "node:fs";

const drivers = ["/usr/lib/chromium/vk_swiftshader_icd.json", "/usr/lib/chromium-browser/vk_swiftshader_icd.json"];

/** What `navigator.gpu` is in a browser; undefined where the package webgpu is not installed or does not load. */
export async function openGpu(): Promise<GPU | undefined> {
  const driver = drivers.find((path) => existsSync(path));
  if (driver !== undefined) process.env["VK_ICD_FILENAMES"] ??= driver;
  process.env["XDG_RUNTIME_DIR"] ??= "/tmp"; // Dawn complains without it
  try {
    const { create } = await import("webgpu");
    // SwiftShader takes seconds to compile a program whose workgroup memory is cleared at once; Dawn clears it in loops instead.
    return create(["disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension"]);
  } catch {
    return undefined;
  }
}
