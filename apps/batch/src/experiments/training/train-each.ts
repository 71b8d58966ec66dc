// The same training for each thing that is compared, with several seeds each.

import type { ExperimentContext } from "../experiment.ts";

/** Something that is compared, and what came of it with each seed. */
export interface Trained<V, R> {
  readonly variant: V;
  readonly results: readonly R[];
}

/**
 * Calls `train`, whose figures are plain data, for each of `variants` and seeds 1 to `seeds`, one after another; `part` says for progress which it is and how
 * many there are. Rejects as `train` does.
 */
export async function trainEach<V extends { readonly name: string }, R>(
  { once }: Pick<ExperimentContext, "once">,
  variants: readonly V[],
  seeds: number,
  train: (variant: V, seed: number, part: string) => Promise<R>,
): Promise<Trained<V, R>[]> {
  const results = variants.map((): R[] => []);
  let made = 0;
  for (let seed = 1; seed <= seeds; seed += 1) {
    for (const [v, variant] of variants.entries()) {
      made += 1;
      const part = `${made} of ${variants.length * seeds}: ${variant.name}, seed ${seed}`;
      results[v]!.push(await once(part, async () => train(variant, seed, part)));
    }
  }
  return variants.map((variant, v) => ({ variant, results: results[v]! }));
}
