// How far a sequence is from the right one: the least number of changes (Levenshtein 1966).

/** The changes that make `gold` of `predicted`, of the cheapest way one. */
export interface Edits {
  readonly substitutions: number;
  /** In `predicted` alone. */
  readonly insertions: number;
  /** In `gold` alone. */
  readonly deletions: number;
}

/**
 * The fewest substitutions, insertions and deletions between two sequences; of equally few those with the most
 * substitutions. Time is the product of the lengths, memory the length of `predicted`.
 *
 * @example
 * editsOf(["1", "2", "3"], ["1", "3", "3", "4"]); // { substitutions: 1, insertions: 1, deletions: 0 }
 */
export function editsOf(gold: readonly string[], predicted: readonly string[]): Edits {
  // The cheapest ways to the first labels of `predicted`, for one more label of `gold` each time.
  let row: Edits[] = Array.from({ length: predicted.length + 1 }, (_, insertions) => edits(0, insertions, 0));
  for (const label of gold) {
    const next: Edits[] = [edits(row[0]!.substitutions, row[0]!.insertions, row[0]!.deletions + 1)];
    for (let i = 0; i < predicted.length; i += 1) {
      const [across, down, along] = [row[i]!, row[i + 1]!, next[i]!];
      const isSame = label === predicted[i];
      const replaced = isSame ? across : edits(across.substitutions + 1, across.insertions, across.deletions);
      const deleted = edits(down.substitutions, down.insertions, down.deletions + 1);
      const inserted = edits(along.substitutions, along.insertions + 1, along.deletions);
      next.push([deleted, inserted].reduce((best, way) => (countOf(way) < countOf(best) ? way : best), replaced));
    }
    row = next;
  }
  return row.at(-1)!;
}

/** Errors of sequences: of digits or words, whatever the labels are. */
export interface ErrorRate extends Edits {
  /** Edits / labels; 0 of nothing. May be above 1. */
  readonly value: number;
  /** Labels of the gold sequences. */
  readonly count: number;
  /** Sequences without an error, of `sequences`. */
  readonly perfect: number;
  readonly sequences: number;
}

/**
 * The word error rate of sequences (of digits: digit error rate): all edits over all labels. Throws `RangeError` if there are
 * not as many of one as of the other.
 *
 * @example
 * errorRateOf([["1", "2"], ["3", "4"]], [["1", "2"], ["4"]]).value; // 0.25
 */
export function errorRateOf(
  gold: readonly (readonly string[])[],
  predicted: readonly (readonly string[])[],
): ErrorRate {
  if (gold.length !== predicted.length) {
    throw new RangeError(
      `Cannot compare sequences: there must be as many predicted as gold ones, ${gold.length}; there are ${predicted.length}`,
    );
  }
  const all = gold.map((labels, n) => editsOf(labels, predicted[n]!));
  const sum = all.reduce(
    (a, b) => edits(a.substitutions + b.substitutions, a.insertions + b.insertions, a.deletions + b.deletions),
    edits(0, 0, 0),
  );
  const count = gold.reduce((total, labels) => total + labels.length, 0);
  const perfect = all.filter((each) => countOf(each) === 0).length;
  return { ...sum, value: count === 0 ? 0 : countOf(sum) / count, count, perfect, sequences: gold.length };
}

function edits(substitutions: number, insertions: number, deletions: number): Edits {
  return { substitutions, insertions, deletions };
}

function countOf({ substitutions, insertions, deletions }: Edits): number {
  return substitutions + insertions + deletions;
}
