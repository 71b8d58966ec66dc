// Where the tensors are stored: beside the tests that read them.

import { fileURLToPath } from "node:url";
import { decoderCases, encoderCases, type GoldenCase } from "./cases.ts";

const folder = new URL("../../../packages/attention-core/test/golden/", import.meta.url);

/** Each stored file, and the cases that belong into it. */
export const files: readonly { readonly path: string; readonly make: () => Promise<GoldenCase[]> }[] = [
  { path: fileURLToPath(new URL("encoder.json", folder)), make: encoderCases },
  { path: fileURLToPath(new URL("decoder.json", folder)), make: decoderCases },
];
