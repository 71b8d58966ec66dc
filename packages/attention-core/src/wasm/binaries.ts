// Where the binaries for inference lie.

import type { BinaryName } from "./loader.ts";

/** Written out, because bundlers look for `new URL("…", import.meta.url)`. */
export function binaryUrl(name: BinaryName): URL {
  switch (name) {
    case "simd":
      return new URL("../../binaries/simd.wasm", import.meta.url);
    case "simd-shared":
      return new URL("../../binaries/simd-shared.wasm", import.meta.url);
    case "relaxed":
      return new URL("../../binaries/relaxed.wasm", import.meta.url);
    case "relaxed-shared":
      return new URL("../../binaries/relaxed-shared.wasm", import.meta.url);
  }
}
