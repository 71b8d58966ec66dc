// The most probable token at each step.

import {
  bestCandidates,
  type GeneratedSequence,
  type Hypothesis,
  type SearchOptions,
  sequenceOf,
  type Stepper,
} from "./search.ts";

/** Continues N sets by the most probable token, of equals the first, until each has stopped or reached `maxLength`. */
export async function greedySearch(
  stepper: Stepper,
  sets: number,
  vocabulary: number,
  { stop, maxLength, onStep }: SearchOptions,
): Promise<GeneratedSequence[]> {
  const results: GeneratedSequence[] = Array.from({ length: sets }, () =>
    sequenceOf({ tokens: [], logProbability: 0 }, false),
  );
  let live = results.map((_, set): Hypothesis & { readonly set: number } => ({ set, tokens: [], logProbability: 0 }));
  let scores = sets > 0 ? await stepper.begin() : new Float32Array();
  for (let step = 0; live.length > 0; step += 1) {
    const parents: number[] = [];
    const next: typeof live = [];
    live.forEach((hypothesis, row) => {
      const { set } = hypothesis;
      const [best] = bestCandidates(scores, vocabulary, row, [hypothesis], 1);
      if (!best) return;
      const { token, logProbability } = best;
      const finished = token === stop;
      const tokens = finished ? hypothesis.tokens : [...hypothesis.tokens, token];
      results[set] = sequenceOf({ tokens, logProbability }, finished);
      if (finished || step + 1 === maxLength) return;
      parents.push(row);
      next.push({ set, tokens, logProbability });
    });
    onStep?.({ step, sequences: [...results] });
    live = next;
    if (live.length === 0) break;
    const counts = new Int32Array(sets);
    for (const { set } of live) counts[set] = 1;
    scores = await stepper.advance(
      Int32Array.from(parents),
      Int32Array.from(live, ({ tokens }) => tokens.at(-1) ?? 0),
      counts,
    );
  }
  return results;
}
