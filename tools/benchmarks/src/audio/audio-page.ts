// What sound costs as it comes: on the page, in the terminal, and against the goals.
import { formatBytes, formatMs } from "../format.ts";
import type { GoalOutcome } from "../goal.ts";
import { list, table } from "../markdown-parts.ts";
import { type CaseOutcome, isAudioCost } from "../result.ts";
import type { AudioCost, AudioSpan } from "./audio-cost.ts";

/** The sections on what was run; none if nothing was. */
export function audioSections(outcomes: readonly CaseOutcome[]): string[] {
  const results = outcomes.filter(isAudioCost);
  if (results.length === 0) return [];
  return [
    "## Sound by its length",
    list([
      "`speech/frames` on a stream, from samples to labelled segments, on one thread; samples come in chunks of 0.1 s, as fast as they are taken. Each length has a pipeline and a backend of its own, and all take turns; a time is the median.",
      "Before it is timed the stream's labels are held against those of the reference backend, which hears the whole at once.",
      "A batch holds about 1,024 positions, so that ten seconds already fill it. Memory is the most that the backend ever had in use.",
    ]),
    ...results.flatMap((result) => [`### \`${result.name}\`: ${describe(result)}`, spanTable(result)]),
  ];
}

function describe({ blockSeconds, latencySeconds }: AudioCost): string {
  return `blocks of ${blockSeconds} s, a latency of ${latencySeconds.toFixed(2)} s`;
}

function spanTable({ spans }: AudioCost): string {
  return table(
    ["sound", "time", "a second of sound", "faster than it sounds by", "memory"],
    spans.map(({ seconds, ms, msPerSecond, peakMemoryBytes }) => [
      formatLength(seconds),
      formatMs(ms),
      formatMs(msPerSecond),
      `${(1000 / msPerSecond).toFixed(0)} x`,
      formatBytes(peakMemoryBytes, 2),
    ]),
  );
}

function formatLength(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3600 ? `${seconds / 60} min` : `${seconds / 3600} h`;
}

/** One case: a line, and a line for each length below it. */
export function formatAudioCost(result: AudioCost): string {
  const lines = result.spans.map(
    ({ seconds, ms, msPerSecond, peakMemoryBytes }) =>
      `${formatLength(seconds).padEnd(8)} ${formatMs(ms)}  ${formatMs(msPerSecond)} a second of sound  ${formatBytes(peakMemoryBytes, 2)}`,
  );
  return [`${result.name}  ${describe(result)}`, ...lines].join("\n    ");
}

/** What the project has set itself. */
export function checkAudioGoals(outcomes: readonly CaseOutcome[]): GoalOutcome[] {
  const spans = outcomes.find(isAudioCost)?.spans;
  const goal = (claim: string, value: (of: AudioSpan) => number): GoalOutcome => {
    if (!spans || spans.length < 2) return { claim, measured: "not measured", met: undefined };
    const values = spans.map(value);
    const ratio = Math.max(...values) / Math.min(...values);
    return { claim, measured: ratio.toFixed(3), met: ratio <= 1.1 };
  };
  return [
    goal(
      "speech/stream, 10 s to 1 h: slowest time per second of sound over fastest at most 1.1",
      (of) => of.msPerSecond,
    ),
    goal("speech/stream, 10 s to 1 h: most memory over least at most 1.1", (of) => of.peakMemoryBytes),
  ];
}
