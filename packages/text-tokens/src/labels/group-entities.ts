// From the probabilities of BIO labels to entities, in the ways that Transformers' token classification pipeline names.

import type { LabelledSpan, Span } from "../span.ts";
import { parseBioLabel } from "./bio.ts";

/**
 * Which label a word has whose pieces are labelled: `simple` does not look at words, each piece has its own; `first`: that
 * of the first piece; `average`: the one most probable on average; `max`: that of the piece that is surest. Where each
 * piece is a word they are the same.
 */
export type EntityGrouping = "simple" | "first" | "average" | "max";

export const entityGroupings: readonly EntityGrouping[] = ["simple", "first", "average", "max"];

/** A piece of text with the probability of each label [L]. */
export interface ScoredPiece extends Span {
  readonly probabilities: ArrayLike<number>;
  /** Whether it goes on with the word of the piece before it; default false. */
  readonly continuesWord?: boolean;
}

/** An entity: units `start .. end) of the text. */
export interface Entity extends LabelledSpan {
  readonly text: string;
  /** The mean probability of its words' labels, 0 to 1. */
  readonly score: number;
}

/**
 * Entities of a text. Neighbouring words make up one entity if the second is labelled I-X and the first B-X or I-X; a
 * label that no entity gives is repaired: I-X after anything else begins an entity, as in `spansOfBio`.
 */
export function groupEntities(
  text: string,
  pieces: readonly ScoredPiece[],
  labels: readonly string[],
  grouping: EntityGrouping = "simple",
): Entity[] {
  const entities: Entity[] = [];
  let open: { start: number; end: number; label: string; scores: number[] } | undefined;
  const close = (): void => {
    if (open) {
      const { start, end, label, scores } = open;
      const score = scores.reduce((sum, each) => sum + each, 0) / scores.length;
      entities.push({ text: text.slice(start, end), label, start, end, score });
    }
    open = undefined;
  };
  for (const { start, end, label, score } of labelWords(pieces, labels.length, grouping)) {
    const { place, kind } = parseBioLabel(labels[label]!);
    if (place === "inside" && open?.label === kind) {
      open.end = end;
      open.scores.push(score);
      continue;
    }
    close();
    if (place !== "outside") open = { start, end, label: kind, scores: [score] };
  }
  close();
  return entities;
}

interface LabelledWord extends Span {
  readonly label: number;
  readonly score: number;
}

function labelWords(pieces: readonly ScoredPiece[], labels: number, grouping: EntityGrouping): LabelledWord[] {
  const words: ScoredPiece[][] = [];
  for (const piece of pieces) {
    if (grouping !== "simple" && piece.continuesWord === true && words.length > 0) words.at(-1)!.push(piece);
    else words.push([piece]);
  }
  return words.map((word) => {
    const { label, score } = labelOf(word, labels, grouping);
    return { start: word[0]!.start, end: word.at(-1)!.end, label, score };
  });
}

function labelOf(
  word: readonly ScoredPiece[],
  labels: number,
  grouping: EntityGrouping,
): { label: number; score: number } {
  if (grouping === "average") {
    const mean = Array.from(
      { length: labels },
      (_, l) => word.reduce((sum, piece) => sum + piece.probabilities[l]!, 0) / word.length,
    );
    return bestOf(mean);
  }
  const considered = grouping === "max" ? word : word.slice(0, 1);
  return considered
    .map((piece) => bestOf(piece.probabilities))
    .reduce((best, each) => (each.score > best.score ? each : best));
}

function bestOf(values: ArrayLike<number>): { label: number; score: number } {
  let label = 0;
  for (let l = 1; l < values.length; l += 1) if (values[l]! > values[label]!) label = l;
  return { label, score: values[label]! };
}
