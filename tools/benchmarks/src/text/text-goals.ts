// What the project has set itself for tagging English text.
import type { GoalOutcome } from "../goal.ts";
import { type CaseOutcome, isText } from "../result.ts";
import { compromiseName, ourName, perceptronName } from "./taggers/names.ts";

/** Every goal over `outcomes`, in the order of the cases. */
export function checkTextGoals(outcomes: readonly CaseOutcome[]): GoalOutcome[] {
  const results = outcomes.filter(isText);
  const speed = results.find((one) => one.kind === "tagging-speed")?.taggers;
  const starts = results.find((one) => one.kind === "cold-start")?.taggers;
  const scores = results.find((one) => one.kind === "tagging-accuracy")?.taggers;
  const rate = (wanted: string): number => speed?.find(({ name }) => name === wanted)?.wordsPerSecond ?? NaN;
  const score = (wanted: string, on: "goldWords" | "rawText"): number =>
    scores?.find(({ name }) => name === wanted)?.[on] ?? NaN;
  return [
    goal(
      "text/upos/words-per-second: faster than compromise",
      rate(ourName) / rate(compromiseName),
      (ratio) => ratio > 1,
      (ratio) => ratio.toFixed(2),
    ),
    goal(
      "text/upos/cold-start: first answer less than 300 ms after the process starts",
      starts?.find(({ name }) => name === ourName)?.ms ?? NaN,
      (ms) => ms < 300,
      (ms) => ms.toFixed(0),
    ),
    goal(
      "text/accuracy: at least 95.2 % of gold words",
      score(ourName, "goldWords"),
      (share) => share >= 0.952,
      (share) => (100 * share).toFixed(2),
    ),
    goal(
      "text/accuracy: F1 on raw text at least 93.5 %",
      score(ourName, "rawText"),
      (share) => share >= 0.935,
      (share) => (100 * share).toFixed(2),
    ),
    goal(
      "text/accuracy: points above the averaged perceptron on gold words, more than 0",
      score(ourName, "goldWords") - score(perceptronName, "goldWords"),
      (more) => more > 0,
      (more) => (100 * more).toFixed(2),
    ),
  ];
}

function goal(
  claim: string,
  value: number,
  met: (value: number) => boolean,
  format: (value: number) => string,
): GoalOutcome {
  if (Number.isNaN(value)) return { claim, measured: "not measured", met: undefined };
  return { claim, measured: format(value), met: met(value) };
}
