// What the project has set itself, checked against outcomes; the page of results lists what was missed with the rest.
import { checkAudioGoals } from "./audio/audio-page.ts";
import { asManyKeys } from "./cases/ragged.ts";
import type { GoalOutcome } from "./goal.ts";
import { type CaseOutcome, type CaseResult, isTimed } from "./result.ts";
import { checkTextGoals } from "./text/text-goals.ts";

const onnxruntime = "onnxruntime-web";
const jax = "jax-js";
const dense = (positions: number): string => `attention/dense/${positions}`;
const window = (positions: number): string => `attention/window/${positions}`;
const longSets = [512, 1024, 2048, 4096];

/** Every goal over `outcomes`, in the order of the cases. */
export function checkGoals(outcomes: readonly CaseOutcome[]): GoalOutcome[] {
  const results = new Map<string, CaseResult>();
  for (const outcome of outcomes) if (isTimed(outcome)) results.set(outcome.name, outcome);
  const goal = (
    claim: string,
    names: readonly string[],
    value: (found: readonly CaseResult[]) => number,
    met: (value: number) => boolean,
    digits = 2,
  ): GoalOutcome => {
    const found = names.flatMap((name) => results.get(name) ?? []);
    if (found.length < names.length) return { claim, measured: "not measured", met: undefined };
    const measured = value(found);
    return Number.isFinite(measured)
      ? { claim, measured: measured.toFixed(digits), met: met(measured) }
      : { claim, measured: "not measured", met: undefined };
  };
  const atLeast = (bound: number) => (value: number) => value >= bound;
  const atMost = (bound: number) => (value: number) => value <= bound;
  const ratio =
    (peer: string) =>
    ([result]: readonly CaseResult[]) =>
      result?.ratio[peer] ?? NaN;
  return [
    ...[512, 1024].flatMap((size) => [
      goal(`gemm/${size}: share of the peak at least 0.88`, [`gemm/${size}`], ([one]) => one!.share, atLeast(0.88), 3),
      goal(`gemm/${size}: at least 1.5 x ${onnxruntime}`, [`gemm/${size}`], ratio(onnxruntime), atLeast(1.5)),
      goal(`gemm/${size}: at least 1.5 x ${jax}`, [`gemm/${size}`], ratio(jax), atLeast(1.5)),
    ]),
    ...[16, 64, 128, ...longSets].map((positions) =>
      goal(`${dense(positions)}: at least 1.7 x ${onnxruntime}`, [dense(positions)], ratio(onnxruntime), atLeast(1.7)),
    ),
    goal(
      "attention/dense, 512 to 4096: slowest GFLOP/s over fastest at least 0.9",
      longSets.map(dense),
      (found) => 1 / spread(found.map(({ gflops }) => gflops)),
      atLeast(0.9),
      3,
    ),
    goal(
      "attention/dense: memory at 4096 over memory at 1024 at most 4 (linear)",
      [dense(1024), dense(4096)],
      ([short, long]) => long!.peakMemoryBytes / short!.peakMemoryBytes,
      atMost(4),
    ),
    goal(
      "attention/dense/1024: two threads at least 1.8 x one",
      [`${dense(1024)}/threads-2`],
      ratio("saccade, one thread"),
      atLeast(1.8),
    ),
    goal(
      "attention/window, 1024 to 65536: slowest time per position over fastest at most 1.1",
      [1024, 4096, 16_384, 65_536].map(window),
      (found) => spread(found.map(({ microsecondsPerPosition }) => microsecondsPerPosition ?? NaN)),
      atMost(1.1),
      3,
    ),
    goal(`${window(4096)}: at least 20 x ${onnxruntime}, dense`, [window(4096)], ratio(onnxruntime), atLeast(20), 1),
    goal(
      "attention/ragged/256-sets: at least 0.9 of the rate of a dense set of as many keys a row",
      ["attention/ragged/256-sets"],
      ratio(asManyKeys),
      atLeast(0.9),
      3,
    ),
    goal(
      `attention/ragged/256-sets: at least 3 x ${onnxruntime}, padded`,
      ["attention/ragged/256-sets"],
      ratio(onnxruntime),
      atLeast(3),
    ),
    goal(`training/encoder-4x256: at least 2 x ${jax}`, ["training/encoder-4x256"], ratio(jax), atLeast(2)),
    ...checkAudioGoals(outcomes),
    ...checkTextGoals(outcomes),
  ];
}

/** The largest over the smallest. */
function spread(values: readonly number[]): number {
  return Math.max(...values) / Math.min(...values);
}
