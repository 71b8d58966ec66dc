// The tensors that jax-js computed (tools/golden), as the tests read them.

import { readFile } from "node:fs/promises";
import type { AttentionPattern, DecoderConfig, Weights } from "../src/index.ts";

interface StoredTensor {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

interface StoredCase {
  readonly name: string;
  readonly config: DecoderConfig;
  readonly pattern: AttentionPattern;
  readonly lengths: readonly number[];
  readonly weights: Readonly<Record<string, StoredTensor>>;
  readonly rows: StoredTensor;
  readonly memory: { readonly lengths: readonly number[]; readonly rows: StoredTensor } | null;
  readonly expected: StoredTensor;
}

/** A stored case, its weights as the core takes them. */
export interface GoldenCase extends Omit<StoredCase, "weights"> {
  readonly weights: Weights;
}

/** The cases of `encoder` or `decoder`. */
export async function readGolden(kind: "encoder" | "decoder"): Promise<GoldenCase[]> {
  const cases = JSON.parse(await readFile(new URL(`./golden/${kind}.json`, import.meta.url), "utf8")) as StoredCase[];
  return cases.map(({ weights, ...rest }) => ({
    ...rest,
    weights: new Map(
      Object.entries(weights).map(([name, { shape, values }]) => [name, { shape, values: Float32Array.from(values) }]),
    ),
  }));
}
