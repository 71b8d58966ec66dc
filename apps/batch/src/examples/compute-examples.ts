// Everything that `saccade start` shows, computed on one backend and once more on the other, with the largest
// difference between the two.

import type { AttentionPattern, AttentionPlan, Backend } from "@saccade/attention-core";
import { type AttendedText, attendWords, numbersOf, type Positions, type TextRequest } from "./attend-words.ts";
import { type Backends, largestDifference } from "./backends.ts";
import { samples, sentence } from "./sentences.ts";
import { type SpreadSides, spreadSides } from "./spread-sides.ts";
import { wordsOf } from "./words.ts";

/** Query heads of the texts. */
export const exampleHeads = 4;
export const examplePatterns: readonly AttentionPattern[] = [
  { kind: "full" },
  { kind: "causal" },
  { kind: "window", left: 1, right: 1 },
];
export const examplePositions: readonly Positions[] = ["none", "sinusoidal", "rotary"];
/** Of the ragged batch. */
export const nearbyPattern: AttentionPattern = { kind: "window", left: 2, right: 2 };

/** Results of the first backend. */
export interface Examples {
  readonly words: readonly string[];
  /** For each pattern in turn, the mean over heads. */
  readonly maps: readonly ReadonlyMap<Positions, AttendedText>[];
  /** The full pattern without positions, head by head. */
  readonly headMaps: AttendedText;
  readonly sentences: readonly { readonly text: string; readonly words: readonly string[] }[];
  readonly batch: AttendedText;
  readonly nearbyBatch: AttendedText;
  readonly club: SpreadSides;
  /** The largest difference between the backends, and of how many numbers. */
  readonly difference: number;
  readonly numbers: number;
}

/** Computes all examples. Rejects with the reason of `signal` when it aborts. */
export async function computeExamples({ wasm, reference }: Backends, signal: AbortSignal): Promise<Examples> {
  let difference = 0;
  let numbers = 0;
  const compare = (a: readonly Float32Array[], b: readonly Float32Array[]): void => {
    difference = Math.max(difference, largestDifference(a, b));
    numbers += a.reduce((sum, values) => sum + values.length, 0);
  };
  const text = async (request: Omit<TextRequest, "heads">): Promise<AttendedText> => {
    const run = (backend: Backend): Promise<AttendedText> =>
      attendWords(backend, { ...request, heads: exampleHeads }, signal);
    const attended = await run(wasm);
    compare(numbersOf(attended), numbersOf(await run(reference)));
    return attended;
  };

  const words = wordsOf(sentence);
  const maps: ReadonlyMap<Positions, AttendedText>[] = [];
  for (const pattern of examplePatterns) {
    const ofPattern = new Map<Positions, AttendedText>();
    for (const positions of examplePositions) {
      const request = { texts: [words], positions, pattern, maps: { full: "weights", meanOverHeads: true } } as const;
      ofPattern.set(positions, await text(request));
    }
    maps.push(ofPattern);
  }
  const headMaps = await text({
    texts: [words],
    positions: "none",
    pattern: { kind: "full" },
    maps: { full: "weights" },
  });

  const sentences = samples.map((sample) => ({ text: sample, words: wordsOf(sample) }));
  const batchOf = (pattern: AttentionPattern): Promise<AttendedText> =>
    text({
      texts: sentences.map((each) => each.words),
      positions: "none",
      pattern,
      maps: { topK: 3, meanOverHeads: true },
    });
  const batch = await batchOf({ kind: "full" });
  const nearbyBatch = await batchOf(nearbyPattern);

  const club = await spreadSides(wasm, signal);
  compare(numbersOfClub(club), numbersOfClub(await spreadSides(reference, signal)));
  return { words, maps, headMaps, sentences, batch, nearbyBatch, club, difference, numbers };
}

/** The plans that were computed, by name. */
export function plansOf({
  maps,
  batch,
  nearbyBatch,
  club,
}: Examples): readonly { readonly title: string; readonly plan: AttentionPlan }[] {
  const [full, causal, window] = maps.map((ofPattern) => ofPattern.get("none")!.plan);
  return [
    { title: "one sentence, full", plan: full! },
    { title: "one sentence, causal", plan: causal! },
    { title: "one sentence, window of 1 and 1", plan: window! },
    { title: `${batch.plan.queryOffsets.length - 1} sentences, full`, plan: batch.plan },
    { title: `${batch.plan.queryOffsets.length - 1} sentences, window of 2 and 2`, plan: nearbyBatch.plan },
    { title: "karate club, neighbours", plan: club.plan },
  ];
}

function numbersOfClub({ weights, topK, received, opinions }: SpreadSides): Float32Array[] {
  return [weights, topK.weights, received, opinions];
}
