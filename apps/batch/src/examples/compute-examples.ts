// Attention of three patterns, without trained weights, on one backend and once more on the other, with the largest
// difference between the two.

import type { AttentionPattern, AttentionPlan, Backend } from "@saccade/attention-core";
import { samples } from "../samples/texts.ts";
import { type AttendedText, attendWords, numbersOf, type TextRequest } from "./attend-words.ts";
import { type Backends, largestDifference } from "./backends.ts";
import { type SpreadSides, spreadSides } from "./spread-sides.ts";
import { wordsOf } from "./words.ts";

/** Query heads of the texts. */
const exampleHeads = 4;
/** Of the ragged batch. */
const nearbyPattern: AttentionPattern = { kind: "window", left: 2, right: 2 };

/** Results of the first backend. */
export interface Examples {
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

  const texts = samples.map(wordsOf);
  const batchOf = (pattern: AttentionPattern): Promise<AttendedText> =>
    text({
      texts,
      positions: "none",
      pattern,
      maps: { topK: 3, meanOverHeads: true },
    });
  const batch = await batchOf({ kind: "full" });
  const nearbyBatch = await batchOf(nearbyPattern);

  const club = await spreadSides(wasm, signal);
  compare(numbersOfClub(club), numbersOfClub(await spreadSides(reference, signal)));
  return { batch, nearbyBatch, club, difference, numbers };
}

/** The plans that were computed, by name. */
export function plansOf({
  batch,
  nearbyBatch,
  club,
}: Examples): readonly { readonly title: string; readonly plan: AttentionPlan }[] {
  const sets = batch.plan.queryOffsets.length - 1;
  return [
    { title: `${sets} texts, full`, plan: batch.plan },
    { title: `${sets} texts, window of 2 and 2`, plan: nearbyBatch.plan },
    { title: "karate club, neighbours", plan: club.plan },
  ];
}

function numbersOfClub({ weights, topK, received, opinions }: SpreadSides): Float32Array[] {
  return [weights, topK.weights, received, opinions];
}
