// Scores of spans, as the CoNLL-2003 evaluation takes them: a span counts if its place and its label are right.

import type { LabelledSpan } from "../span.ts";
import { type Score, scoreOf, sumScores } from "./score.ts";

/** The score of all spans, and of those with each label. */
export interface SpanScores extends Score {
  readonly labels: Readonly<Record<string, Score>>;
}

/**
 * Compares the spans of texts, gold ones and those of a system, text by text. Throws `RangeError` if there are not as many
 * texts of one as of the other.
 */
export function spanScores(
  gold: readonly (readonly LabelledSpan[])[],
  system: readonly (readonly LabelledSpan[])[],
): SpanScores {
  if (gold.length !== system.length) {
    throw new RangeError(
      `Cannot compare spans: there must be as many texts of the system as gold ones, ${gold.length}; there are ${system.length}`,
    );
  }
  const counts = new Map<string, { gold: number; system: number; correct: number }>();
  const countOf = (label: string): { gold: number; system: number; correct: number } => {
    let count = counts.get(label);
    if (count === undefined) counts.set(label, (count = { gold: 0, system: 0, correct: 0 }));
    return count;
  };
  gold.forEach((spans, text) => {
    const expected = new Set(spans.map(keyOf));
    for (const { label } of spans) countOf(label).gold += 1;
    for (const span of system[text]!) {
      countOf(span.label).system += 1;
      // Taken out, so that a span that is found twice counts once.
      if (expected.delete(keyOf(span))) countOf(span.label).correct += 1;
    }
  });
  const scores = [...counts].map(
    ([label, count]) => [label, scoreOf(count.gold, count.system, count.correct)] as const,
  );
  return { ...sumScores(scores.map(([, score]) => score)), labels: Object.fromEntries(scores) };
}

function keyOf({ start, end, label }: LabelledSpan): string {
  return `${start} ${end} ${label}`;
}
