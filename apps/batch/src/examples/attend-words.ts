// Texts as one ragged batch through multi-head attention alone, without a model: queries, keys and values are the word
// vectors themselves, so that words attend to words that are spelled alike.

import {
  type AttentionPattern,
  type AttentionPlan,
  type Backend,
  dispose,
  type MapRequest,
  offsetsOf,
  positionsOf,
  rotaryTables,
  sinusoidalPositions,
  type Tensor,
  type Workspace,
} from "@saccade/attention-core";
import { headWidth, wordVectors } from "./words.ts";

/** How words are told where they stand. */
export type Positions = "none" | "sinusoidal" | "rotary";

/** What to attend to, and how. */
export interface TextRequest {
  readonly texts: readonly (readonly string[])[];
  readonly heads: number;
  readonly positions: Positions;
  readonly pattern: AttentionPattern;
  readonly maps: Pick<MapRequest, "meanOverHeads" | "full" | "topK" | "columnSums" | "entropy">;
}

/** What came of it; the shapes of maps are those of `AttentionMaps`. */
export interface AttendedText {
  readonly plan: AttentionPlan;
  /** [P, H · D]. */
  readonly output: Float32Array;
  readonly weights: Float32Array | null;
  readonly topK: { readonly k: number; readonly keys: Int32Array; readonly weights: Float32Array } | null;
  readonly columnSums: Float32Array | null;
  readonly entropy: Float32Array | null;
  readonly milliseconds: number;
}

/** Factor of the likeness of two words, -1 .. 1: what a trained model would put into the length of its vectors. */
const sharpness = 4;
/** Of the angles of rotary positions: low, so that a few words apart already tells. */
const rotaryBase = 30;

/** Attends on `backend`. Rejects with the reason of `signal` when it aborts. */
export async function attendWords(
  backend: Backend,
  { texts, heads, positions, pattern, maps: request }: TextRequest,
  signal: AbortSignal,
): Promise<AttendedText> {
  const offsets = offsetsOf(texts.map((words) => words.length));
  const words = texts.flat();
  const begin = performance.now();
  const plan = backend.plan(offsets, offsets, pattern);
  const workspace = backend.workspace(signal);
  try {
    const plain = workspace.upload(wordVectors(words, heads), [words.length, heads * headWidth]);
    const { turned, values } = place(workspace, plain, positions, heads, offsets);
    const { output, maps } = workspace.attention(turned, turned, values, plan, {
      heads,
      scale: sharpness,
      maps: request,
    });
    const read = async (x: Tensor | undefined): Promise<Float32Array | null> => (x ? workspace.read(x) : null);
    const result = {
      plan,
      output: await workspace.read(output),
      weights: await read(maps.full),
      topK: maps.topK
        ? {
            k: request.topK ?? 0,
            keys: await workspace.read(maps.topK.keys),
            weights: await workspace.read(maps.topK.weights),
          }
        : null,
      columnSums: await read(maps.columnSums),
      entropy: await read(maps.entropy),
    };
    return { ...result, milliseconds: performance.now() - begin };
  } finally {
    workspace[dispose]();
  }
}

/** Every number of a result, for comparison. Of `topK` the weights alone: among equal weights rounding picks the keys. */
export function numbersOf({ output, weights, topK, columnSums, entropy }: AttendedText): Float32Array[] {
  return [output, weights, topK?.weights ?? null, columnSums, entropy].filter((values) => values !== null);
}

/** Queries and keys, and values, that know their places: added as waves to all three, or turned by angles. */
function place(
  workspace: Workspace,
  plain: Tensor,
  positions: Positions,
  heads: number,
  offsets: Int32Array,
): { readonly turned: Tensor; readonly values: Tensor } {
  const [P = 0, W = 0] = plain.shape;
  if (positions === "none" || P === 0) return { turned: plain, values: plain };
  const places = workspace.upload(positionsOf(offsets), [P]);
  const longest = positionsOf(offsets).reduce((most, position) => Math.max(most, position), 0) + 1;
  if (positions === "sinusoidal") {
    // The waves of a head have length √(D / 2); those of a word 1.
    const waves = sinusoidalPositions(longest, W).map((value) => value / Math.sqrt(headWidth / 2));
    const sum = workspace.add(plain, workspace.embed(workspace.upload(waves, [longest, W]), places));
    return { turned: sum, values: sum };
  }
  const { cos, sin } = rotaryTables(longest, headWidth, rotaryBase);
  const shape = [longest, headWidth / 2];
  const turned = workspace.rotate(plain, places, workspace.upload(cos, shape), workspace.upload(sin, shape), { heads });
  return { turned, values: plain };
}
