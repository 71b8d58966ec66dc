// The cases about English text as text for people.
import { formatCount, formatMs, formatPercent, formatRatio } from "../format.ts";
import type { TextResult } from "./text-result.ts";

/** One case: a line, and a line for each tagger below it. */
export function formatText(result: TextResult): string {
  const [first, ...rest] = linesOf(result);
  return [first, ...rest.map((line) => `    ${line}`)].join("\n");
}

function linesOf(result: TextResult): string[] {
  switch (result.kind) {
    case "tagging-speed": {
      const own = result.taggers[0]!.wordsPerSecond;
      return [
        `${result.name}  ${result.texts}, ${formatCount(result.words)} words`,
        ...result.taggers.map(({ name, ms, spreadMs: [low, high], wordsPerSecond, firstMs }, i) =>
          [
            name.padEnd(28),
            `${formatCount(wordsPerSecond)} words/s`,
            `${formatMs(ms)} (${formatMs(low)} to ${formatMs(high)})`,
            `first ${formatMs(firstMs)}`,
            ...(i === 0 ? [] : [formatRatio(own / wordsPerSecond)]),
          ].join("  "),
        ),
      ];
    }
    case "cold-start":
      return [
        `${result.name}  ${result.processes} processes each`,
        ...result.taggers.map(({ name, ms, spreadMs: [low, high], parts }) =>
          [
            name.padEnd(28),
            `${formatMs(ms)} (${formatMs(low)} to ${formatMs(high)})`,
            ...Object.entries(parts).map(([part, time]) => `${part} ${formatMs(time)}`),
          ].join("  "),
        ),
      ];
    case "tagging-accuracy":
      return [
        `${result.name}  ${result.data}`,
        ...result.taggers.map(({ name, goldWords, rawText, splitting, learntFrom }) =>
          [
            name.padEnd(28),
            `gold words ${formatPercent(goldWords, 2)}`,
            `raw text ${formatPercent(rawText, 2)}`,
            `splitting ${formatPercent(splitting, 2)}`,
            `learnt from ${learntFrom}`,
          ].join("  "),
        ),
        ...Object.entries(result.absent).map(([name, reason]) => `${name}: not measured, ${reason}`),
      ];
  }
}
