// Where the binaries for training lie.

import type { BinaryName } from "../loader.ts";

/** Written out, because bundlers look for `new URL("…", import.meta.url)`. */
export function trainingBinaryUrl(name: BinaryName): URL {
  switch (name) {
    case "simd":
      return new URL("../../../binaries/training-simd.wasm", import.meta.url);
    case "simd-shared":
      return new URL("../../../binaries/training-simd-shared.wasm", import.meta.url);
    case "relaxed":
      return new URL("../../../binaries/training-relaxed.wasm", import.meta.url);
    case "relaxed-shared":
      return new URL("../../../binaries/training-relaxed-shared.wasm", import.meta.url);
  }
}
