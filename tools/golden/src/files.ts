// Where the tensors are stored: beside the tests that read them.

import { fileURLToPath } from "node:url";
import { decoderCases, encoderCases, type GoldenCase } from "./cases.ts";

/** A stored file, and the cases that belong into it. */
export interface GoldenFile {
  readonly name: string;
  readonly path: string;
  readonly make: () => Promise<GoldenCase[]>;
}

/** All stored files. */
export const files: readonly GoldenFile[] = [
  { name: "encoder.json", path: pathOf("encoder.json"), make: encoderCases },
  { name: "decoder.json", path: pathOf("decoder.json"), make: decoderCases },
];

function pathOf(name: string): string {
  return fileURLToPath(new URL(`../../../packages/attention-core/test/golden/${name}`, import.meta.url));
}
