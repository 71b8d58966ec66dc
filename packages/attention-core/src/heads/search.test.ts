import fc from "fast-check";
import { expect, test } from "vitest";
import { drawValues } from "../../test/models.ts";
import { beamSearch } from "./beam-search.ts";
import { greedySearch } from "./greedy-search.ts";
import { bestCandidates, type GeneratedSequence, type SearchOptions, type Stepper } from "./search.ts";

const vocabulary = 3;
const stop = 0;

/** Log probabilities of the token after `tokens`, drawn from the tokens themselves: a language without a model. */
function nextOf(seed: number, set: number, tokens: readonly number[]): number[] {
  const scores = [...drawValues(seed + tokens.reduce((sum, token) => sum * 7 + token + 1, set + 1), vocabulary)];
  const total = Math.log(scores.reduce((sum, score) => sum + Math.exp(3 * score), 0));
  return scores.map((score) => 3 * score - total);
}

/** A stepper over that language, which also checks what it is told. */
function tableStepper(seed: number, sets: number): Stepper {
  let prefixes: { readonly set: number; readonly tokens: readonly number[] }[] = [];
  const scores = (): Float32Array =>
    Float32Array.from(prefixes.flatMap(({ set, tokens }) => nextOf(seed, set, tokens)));
  return {
    begin: async () => {
      prefixes = Array.from({ length: sets }, (_, set) => ({ set, tokens: [] }));
      return scores();
    },
    advance: async (parents, tokens, counts) => {
      const before = prefixes;
      prefixes = Array.from(parents, (parent, row) => {
        const { set = -1, tokens: past = [] } = before[parent] ?? {};
        return { set, tokens: [...past, tokens[row] ?? -1] };
      });
      const expected = Array.from(counts, (count, set) => Array.from({ length: count }, () => set)).flat();
      expect(prefixes.map(({ set }) => set)).toEqual(expected);
      return scores();
    },
  };
}

/** Every sequence that ends within `maxLength`, with its log probability. */
function allSequences(seed: number, set: number, maxLength: number): { tokens: number[]; logProbability: number }[] {
  const walk = (tokens: number[], logProbability: number): { tokens: number[]; logProbability: number }[] => {
    if (tokens.length === maxLength) return [];
    return nextOf(seed, set, tokens).flatMap((score, token) =>
      token === stop
        ? [{ tokens, logProbability: logProbability + score }]
        : walk([...tokens, token], logProbability + score),
    );
  };
  return walk([], 0);
}

function plain(sequence: GeneratedSequence | undefined): { tokens: number[]; finished: boolean | undefined } {
  return { tokens: [...(sequence?.tokens ?? [])], finished: sequence?.finished };
}

test("greedySearch() takes the most probable token at each step, of every set on its own", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(1000), fc.integer({ min: 0, max: 4 }), async (seed, sets) => {
      const found = await greedySearch(tableStepper(seed, sets), sets, vocabulary, { stop, maxLength: 5 });
      expect(found.length).toBe(sets);
      for (let set = 0; set < sets; set += 1) {
        const tokens: number[] = [];
        let logProbability = 0;
        let finished = false;
        while (!finished && tokens.length < 5) {
          const scores = nextOf(seed, set, tokens);
          const best = scores.indexOf(Math.max(...scores));
          logProbability += scores[best] ?? 0;
          finished = best === stop;
          if (!finished) tokens.push(best);
        }
        expect(plain(found[set])).toEqual({ tokens, finished });
        expect(found[set]?.logProbability).toBeCloseTo(logProbability, 4);
      }
    }),
    { numRuns: 40 },
  );
});

test.each([0, 0.6, 1, 2])(
  "beamSearch() with beams enough finds the best of all sequences, penalty %d",
  async (lengthPenalty) => {
    const maxLength = 4;
    // At most 2^3 prefixes of three words each are alive, and as many sequences end as there are prefixes.
    const options: SearchOptions = { stop, maxLength, beams: 24, lengthPenalty };
    await fc.assert(
      fc.asyncProperty(fc.nat(1000), async (seed) => {
        const found = await beamSearch(tableStepper(seed, 2), 2, vocabulary, options);
        for (const [set, sequence] of found.entries()) {
          const scored = allSequences(seed, set, maxLength).map(({ tokens, logProbability }) => ({
            tokens,
            score: logProbability / (tokens.length + 1) ** lengthPenalty,
          }));
          const best = scored.reduce((a, b) => (b.score > a.score ? b : a));
          expect(plain(sequence)).toEqual({ tokens: best.tokens, finished: true });
        }
      }),
      { numRuns: 40 },
    );
  },
);

test("beamSearch() finds better sequences than greedySearch() more often than worse ones", async () => {
  let [better, worse] = [0, 0];
  for (let seed = 0; seed < 100; seed += 1) {
    const options: SearchOptions = { stop, maxLength: 6, beams: 3 };
    const [beam] = await beamSearch(tableStepper(seed, 1), 1, vocabulary, options);
    const [greedy] = await greedySearch(tableStepper(seed, 1), 1, vocabulary, options);
    if (!beam?.finished || !greedy?.finished) continue;
    if (beam.logProbability > greedy.logProbability + 1e-6) better += 1;
    if (beam.logProbability < greedy.logProbability - 1e-6) worse += 1;
  }
  expect(better).toBeGreaterThan(5);
  expect(worse).toBe(0);
});

test("beamSearch() gives a set the same result in a batch as alone", async () => {
  const options: SearchOptions = { stop, maxLength: 5, beams: 2 };
  const together = await beamSearch(tableStepper(5, 4), 4, vocabulary, options);
  const [alone] = await beamSearch(tableStepper(5, 1), 1, vocabulary, options);
  expect(together[0]).toEqual(alone);
});

test("searches without a stop token run to the greatest length, and say that they did not finish", async () => {
  for (const search of [greedySearch, beamSearch]) {
    const found = await search(tableStepper(1, 2), 2, vocabulary, { maxLength: 4, beams: 2 });
    expect(found.map(({ tokens, finished }) => [tokens.length, finished])).toEqual([
      [4, false],
      [4, false],
    ]);
  }
});

test("searches tell after each step what each set has so far", async () => {
  for (const search of [greedySearch, beamSearch]) {
    const lengths: number[] = [];
    const onStep: SearchOptions["onStep"] = ({ step, sequences }) => {
      expect(step).toBe(lengths.length);
      lengths.push(sequences[0]?.tokens.length ?? -1);
    };
    await search(tableStepper(1, 1), 1, vocabulary, { maxLength: 3, beams: 2, onStep });
    expect(lengths).toEqual([1, 2, 3]);
  }
});

test("bestCandidates() orders by probability, of equals the first, and leaves the impossible out", () => {
  const scores = Float32Array.of(-1, -Infinity, -2, -1);
  const hypotheses = [{ tokens: [], logProbability: 0 }];
  const found = bestCandidates(scores, 4, 0, hypotheses, 4);
  expect(found.map(({ token }) => token)).toEqual([0, 3, 2]);
});

test("bestCandidates() refuses scores of which none is a number", () => {
  const scores = new Float32Array(3).fill(Number.NaN);
  expect(() => bestCandidates(scores, 3, 0, [{ tokens: [], logProbability: 0 }], 1)).toThrow(
    "all scores of a set are NaN",
  );
});
