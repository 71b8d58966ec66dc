// The best of several hypotheses (as in Sutskever et al. 2014, section 3.2). At each step a set's hypotheses are
// continued by every token, and the most probable of all these go on; those that end are put aside. A set is done when
// no hypothesis can still beat those put aside: a bound, so that with beams enough the search is exhaustive.

import {
  bestCandidates,
  type Candidate,
  type GeneratedSequence,
  type Hypothesis,
  type SearchOptions,
  sequenceOf,
  type Stepper,
} from "./search.ts";

/** The hypotheses of a set: those that go on, best first, and the best that ended. */
interface Beam {
  readonly live: readonly Hypothesis[];
  readonly ended: readonly Hypothesis[];
}

/**
 * Continues N sets by `beams` hypotheses each. The result of a set is the best that ended, or, where none did within
 * `maxLength`, the best that did not.
 */
export async function beamSearch(
  stepper: Stepper,
  sets: number,
  vocabulary: number,
  options: SearchOptions,
): Promise<GeneratedSequence[]> {
  const { maxLength, onStep } = options;
  let beams = Array.from({ length: sets }, (): Beam => ({ live: [{ tokens: [], logProbability: 0 }], ended: [] }));
  let scores = sets > 0 ? await stepper.begin() : new Float32Array();
  for (let step = 0; beams.some(({ live }) => live.length > 0); step += 1) {
    let row = 0;
    const parents: number[] = [];
    beams = beams.map((beam) => {
      const next = advanceBeam(beam, scores, vocabulary, row, options);
      row += beam.live.length;
      if (step + 1 < maxLength) parents.push(...next.parents);
      return next.beam;
    });
    onStep?.({ step, sequences: beams.map(bestOf) });
    if (parents.length === 0) break;
    const live = beams.flatMap((beam) => beam.live);
    const tokens = Int32Array.from(live, (hypothesis) => hypothesis.tokens.at(-1) ?? 0);
    scores = await stepper.advance(
      Int32Array.from(parents),
      tokens,
      Int32Array.from(beams, (beam) => beam.live.length),
    );
  }
  return beams.map(bestOf);

  function bestOf({ live, ended }: Beam): GeneratedSequence {
    const [best = live[0]] = ended;
    return sequenceOf(best ?? { tokens: [], logProbability: 0 }, ended.length > 0);
  }
}

function advanceBeam(
  { live, ended: before }: Beam,
  scores: Float32Array,
  vocabulary: number,
  row: number,
  { beams = 1, stop, maxLength, lengthPenalty = 0 }: SearchOptions,
): { beam: Beam; parents: number[] } {
  if (live.length === 0) return { beam: { live, ended: before }, parents: [] };
  // Twice as many as go on: at most one continuation of each hypothesis is the stop token.
  const candidates = bestCandidates(scores, vocabulary, row, live, 2 * beams);
  const tokensOf = ({ parent }: Candidate): readonly number[] => live[parent - row]?.tokens ?? [];
  const goingOn = candidates.filter(({ token }) => token !== stop).slice(0, beams);
  const ending = candidates.slice(0, beams).filter(({ token }) => token === stop);
  const scoreOf = ({ tokens, logProbability }: Hypothesis): number =>
    logProbability / (tokens.length + 1) ** lengthPenalty;
  const ended = [
    ...before,
    ...ending.map((candidate) => ({ tokens: tokensOf(candidate), logProbability: candidate.logProbability })),
  ]
    .sort((a, b) => scoreOf(b) - scoreOf(a))
    .slice(0, beams);
  // Log probabilities only fall, and the longest sequence divides them most.
  const bound = (goingOn[0]?.logProbability ?? -Infinity) / maxLength ** lengthPenalty;
  const worst = ended.at(-1);
  if (worst && ended.length === beams && scoreOf(worst) >= bound) return { beam: { live: [], ended }, parents: [] };
  const next = goingOn.map((candidate) => ({
    tokens: [...tokensOf(candidate), candidate.token],
    logProbability: candidate.logProbability,
  }));
  return { beam: { live: next, ended }, parents: goingOn.map(({ parent }) => parent) };
}
