import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { logProbabilitiesOf } from "../labels/log-probabilities.ts";
import { createCtcSearch, searchCtc } from "./create-search.ts";
import type { CtcResult, CtcSettings } from "./ctc-search.ts";

const greedy: CtcSettings = { search: "greedy", beams: 1 };

/** Scores [P, L] as logarithms of probabilities. */
const scores = fc
  .record({ positions: fc.integer({ min: 0, max: 6 }), labels: fc.integer({ min: 2, max: 4 }) })
  .chain(({ positions, labels }) =>
    fc.record({
      labels: fc.constant(labels),
      logs: fc
        .float32Array({
          minLength: positions * labels,
          maxLength: positions * labels,
          min: -4,
          max: 4,
          noNaN: true,
          noDefaultInfinity: true,
        })
        .map((values) =>
          logProbabilitiesOf(
            values,
            Array.from({ length: positions }, (_, i) => i),
            labels,
          ),
        ),
    }),
  );

/** What a path comes to: repeats once, blanks not at all. */
function collapse(path: readonly number[]): number[] {
  return path.filter((label, i) => label !== 0 && label !== path[i - 1]);
}

/** The probability of every sequence: the sum over all paths that give it. */
function allSequences(logs: Float32Array, labels: number): Map<string, number> {
  const sums = new Map<string, number>();
  const walk = (path: readonly number[], probability: number): void => {
    if (path.length * labels === logs.length) {
      const key = collapse(path).join(",");
      sums.set(key, (sums.get(key) ?? 0) + probability);
      return;
    }
    for (let label = 0; label < labels; label += 1) {
      walk([...path, label], probability * Math.exp(logs[path.length * labels + label]!));
    }
  };
  walk([], 1);
  return sums;
}

describe("beam search", () => {
  test("with room for every prefix finds the most probable sequence, and its probability", () => {
    fc.assert(
      fc.property(scores, ({ labels, logs }) => {
        const found = searchCtc(logs, labels, { search: "beam", beams: 1024 });
        const all = allSequences(logs, labels);
        const best = Math.max(...all.values());
        expect(Math.exp(found.logProbability)).toBeCloseTo(best, 9);
        expect(all.get(Array.from(found.labels).join(","))).toBeCloseTo(best, 9);
      }),
      { numRuns: 150 },
    );
  });

  test("with any beam gives no sequence more than it has", () => {
    fc.assert(
      fc.property(scores, fc.integer({ min: 1, max: 5 }), ({ labels, logs }, beams) => {
        const found = searchCtc(logs, labels, { search: "beam", beams });
        const most = allSequences(logs, labels).get(Array.from(found.labels).join(","))!;
        expect(Math.exp(found.logProbability)).toBeLessThanOrEqual(most * (1 + 1e-9));
      }),
      { numRuns: 150 },
    );
  });

  test("finds a sequence whose paths are many where the best path has none", () => {
    // Nothing is the best path, 0.36; "1" has three others, 0.64.
    const logs = Float32Array.of(0.6, 0.4, 0.6, 0.4).map(Math.log);
    expect(Array.from(searchCtc(logs, 2, greedy).labels)).toEqual([]);
    const found = searchCtc(logs, 2, { search: "beam", beams: 4 });
    expect(Array.from(found.labels)).toEqual([1]);
    expect(Math.exp(found.logProbability)).toBeCloseTo(0.64, 6);
  });
});

test("greedy search gives what the best path collapses to, with its probability", () => {
  fc.assert(
    fc.property(scores, ({ labels, logs }) => {
      const path = Array.from({ length: logs.length / labels }, (_, p) => {
        const row = Array.from(logs.subarray(p * labels, (p + 1) * labels));
        return row.indexOf(Math.max(...row));
      });
      const found = searchCtc(logs, labels, greedy);
      expect(Array.from(found.labels)).toEqual(collapse(path));
      expect(found.logProbability).toBeCloseTo(
        path.reduce((sum, label, p) => sum + logs[p * labels + label]!, 0),
        9,
      );
    }),
  );
});

describe.each<CtcSettings>([greedy, { search: "beam", beams: 3 }, { search: "beam", beams: 50 }])("%j", (settings) => {
  const long = fc
    .record({ labels: fc.integer({ min: 2, max: 4 }), positions: fc.nat(60), sharp: fc.constantFrom(1, 4, 20) })
    .chain(({ labels, positions, sharp }) =>
      fc.record({
        labels: fc.constant(labels),
        logs: fc
          .float32Array({ minLength: positions * labels, maxLength: positions * labels, min: -1, max: 1, noNaN: true })
          .map((values) =>
            logProbabilitiesOf(
              values.map((value) => sharp * value),
              Array.from({ length: positions }, (_, i) => i),
              labels,
            ),
          ),
      }),
    );

  test("gives the same for positions at once and in parts, and what is settled stays", () => {
    fc.assert(
      fc.property(long, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), ({ labels, logs }, sizes) => {
        const whole = searchCtc(logs, labels, settings);
        const search = createCtcSearch(labels, settings);
        const settled: CtcResult["labels"][] = [];
        for (let at = 0, n = 0; at < logs.length; n += 1) {
          const size = sizes[n % sizes.length]! * labels;
          search.push(logs.subarray(at, at + size));
          at += size;
          settled.push(search.result().labels.slice(0, search.settled()));
        }
        expect(search.result()).toEqual(whole);
        for (const labels of settled) expect(whole.labels.slice(0, labels.length)).toEqual(labels);
      }),
    );
  });
});

test.each([
  [{ search: "best", beams: 1 }, /one of greedy, beam, it is "best"/],
  [{ search: "beam", beams: 0 }, /from 1 to 1024, it is 0/],
])("createCtcSearch() refuses %j", (settings, rule) => {
  expect(() => createCtcSearch(3, settings as CtcSettings)).toThrow(rule);
});
