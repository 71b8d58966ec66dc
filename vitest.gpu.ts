// Gives tests in Node what those in Chromium have: `navigator.gpu`, here of the package webgpu (Dawn) over a Vulkan driver,
// by default SwiftShader, which comes with Chromium. Without either there is none, and tests that need it are skipped.
import { existsSync } from "node:fs";
import { create } from "webgpu";

const drivers = ["/usr/lib/chromium/vk_swiftshader_icd.json", "/usr/lib/chromium-browser/vk_swiftshader_icd.json"];

let gpu: GPU | undefined;

Object.defineProperty(globalThis.navigator, "gpu", {
  configurable: true,
  enumerable: true,
  get: () => (gpu ??= openGpu()),
});

function openGpu(): GPU {
  const driver = drivers.find((path) => existsSync(path));
  if (driver !== undefined) process.env["VK_ICD_FILENAMES"] ??= driver;
  process.env["XDG_RUNTIME_DIR"] ??= "/tmp"; // Dawn complains without it
  // SwiftShader takes seconds to compile a program whose workgroup memory is cleared at once; Dawn clears it in loops instead.
  return create(["disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension"]);
}
