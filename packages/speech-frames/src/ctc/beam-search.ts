// Prefix beam search (Graves 2012, Supervised Sequence Labelling with Recurrent Neural Networks, section 7.5.3; Hannun et
// al. 2014, algorithm 1, without a language model): the probability of a prefix is the sum over all paths that give it,
// kept apart by whether they end in a blank.

import type { CtcSearch } from "./ctc-search.ts";

/** A prefix in the tree of those that are kept, and the logarithms of the probabilities of its paths up to here. */
interface Prefix {
  parent: Prefix | null;
  readonly label: number;
  /** Labels from the root, which may have moved. */
  readonly length: number;
  readonly children: Map<number, Prefix>;
  endsBlank: number;
  endsLabel: number;
}

/** What a prefix would come to at the next position. A prefix of one label more is made only once it is kept. */
interface Candidate {
  readonly prefix: Prefix;
  /** 0: the prefix itself. */
  readonly label: number;
  endsBlank: number;
  endsLabel: number;
}

/** Searches with the `beams` most probable prefixes of each position, of L labels; of equal ones those found first. */
export function beamCtcSearch(labels: number, beams: number): CtcSearch {
  const settled: number[] = [];
  let kept: Prefix[] = [newPrefix(null, 0, 0, 0, -Infinity)];
  const step = (logs: Float32Array, first: number): void => {
    const candidates: Candidate[] = [];
    const own = new Map<Prefix, Candidate>();
    for (const prefix of kept) {
      const endsBlank = totalOf(prefix) + logs[first]!;
      // The root's label is the blank, by which no path of an empty prefix ends.
      const endsLabel = prefix.label === 0 ? -Infinity : prefix.endsLabel + logs[first + prefix.label]!;
      const candidate = { prefix, label: 0, endsBlank, endsLabel };
      own.set(prefix, candidate);
      candidates.push(candidate);
    }
    for (const prefix of kept) {
      const total = totalOf(prefix);
      for (let label = 1; label < labels; label += 1) {
        // A repeat of the last label makes another one only after a blank.
        const before = label === prefix.label ? prefix.endsBlank : total;
        const endsLabel = before + logs[first + label]!;
        const child = prefix.children.get(label);
        const same = child && own.get(child);
        if (same) same.endsLabel = logSum(same.endsLabel, endsLabel);
        else candidates.push({ prefix, label, endsBlank: -Infinity, endsLabel });
      }
    }
    // Sorting is stable: of equal ones those found first stay first.
    candidates.sort((a, b) => totalOf(b) - totalOf(a));
    kept = candidates.slice(0, beams).map((candidate) => keep(candidate));
  };
  return {
    push(logProbabilities) {
      for (let first = 0; first < logProbabilities.length; first += labels) step(logProbabilities, first);
      settle(kept, settled);
    },
    result: () => ({
      labels: Int32Array.from([...settled, ...labelsOf(kept[0]!)]),
      logProbability: totalOf(kept[0]!),
    }),
    settled: () => settled.length,
  };
}

function newPrefix(parent: Prefix | null, label: number, length: number, endsBlank: number, endsLabel: number): Prefix {
  return { parent, label, length, children: new Map(), endsBlank, endsLabel };
}

function keep({ prefix, label, endsBlank, endsLabel }: Candidate): Prefix {
  if (label === 0) {
    prefix.endsBlank = endsBlank;
    prefix.endsLabel = endsLabel;
    return prefix;
  }
  // It may have been dropped and come back, while longer ones stayed: they are still its own.
  const again = prefix.children.get(label);
  if (again) {
    again.endsBlank = endsBlank;
    again.endsLabel = endsLabel;
    return again;
  }
  const child = newPrefix(prefix, label, prefix.length + 1, endsBlank, endsLabel);
  prefix.children.set(label, child);
  return child;
}

/** Moves what all prefixes begin with to `settled`, and lets go of what lies before: memory follows what is open. */
function settle(kept: readonly Prefix[], settled: number[]): void {
  let common = kept[0]!;
  for (const prefix of kept) common = commonPrefix(common, prefix);
  settled.push(...labelsOf(common));
  common.parent = null;
}

function commonPrefix(a: Prefix, b: Prefix): Prefix {
  let [one, other] = [a, b];
  while (one !== other) {
    if (one.length >= other.length) one = one.parent!;
    else other = other.parent!;
  }
  return one;
}

/** From the root, whose own label is settled, on. */
function labelsOf(prefix: Prefix): number[] {
  const labels: number[] = [];
  for (let at = prefix; at.parent !== null; at = at.parent) labels.push(at.label);
  return labels.toReversed();
}

function totalOf({ endsBlank, endsLabel }: Pick<Prefix, "endsBlank" | "endsLabel">): number {
  return logSum(endsBlank, endsLabel);
}

/** log(eᵃ + eᵇ). */
function logSum(a: number, b: number): number {
  if (a === -Infinity) return b;
  if (b === -Infinity) return a;
  return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
}
