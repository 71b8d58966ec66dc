// The cases about English text as sections of the page, and where somebody else was better.
import { formatCount, formatMs, formatPercent, formatRatio } from "../format.ts";
import { list, table } from "../markdown-parts.ts";
import { type CaseOutcome, isText } from "../result.ts";
import type { ColdStart, TaggerAccuracy, TaggingAccuracy, TaggingSpeed } from "./text-result.ts";

const howToRead = list([
  "Ours and the averaged perceptron have learnt from the training part of the same treebank (UD English-EWT), which makes the comparison with the others uneven: wink-nlp and compromise are for English of any kind. Settings of ours and of the perceptron were chosen by the development part, on which all are scored.",
  "Gold words: the share of the treebank's own words that get their tag. wink-nlp and compromise, which take text alone, get the words with blanks between them, and each word has the tag of what they find at its first character. Raw text: F1 of words with the right characters and tag, each tagger with its own splitting, and splitting: F1 of words with the right characters; but for the perceptron, which takes our splitting.",
  "compromise has tags of its own; the table that turns them into those of Universal Dependencies is in `tools/benchmarks/src/text/taggers/compromise.ts`, and marks that hang on its terms count as words that it finds.",
  "The perceptron is 140 lines without a library, in `tools/benchmarks/src/text/perceptron.ts`, trained for eight epochs. Attention removed: the same tagger trained the same way with each word alone.",
  "Words a second are from text to tags, on one thread, in turns in one process; words as the treebank counts them, for all. Ours says what the reference backend says on the first documents, or is not timed.",
  "A cold start is a fresh Node process on the built packages, from spawning it to the answer to one text: Node itself, imports, loading the model (for ours: reading and checking its files, WebAssembly, bringing weights there), the answer.",
]);

/** The sections on what was run; none if nothing was. */
export function textSections(outcomes: readonly CaseOutcome[]): string[] {
  const results = outcomes.filter(isText);
  if (results.length === 0) return [];
  const tables = results.flatMap((result): string[] => {
    switch (result.kind) {
      case "tagging-speed":
        return [`### \`${result.name}\`: ${result.texts}, ${formatCount(result.words)} words`, speedTable(result)];
      case "cold-start":
        return [`### \`${result.name}\`: ${result.processes} processes each`, startTable(result)];
      case "tagging-accuracy":
        return [`### \`${result.name}\`: ${result.data}`, accuracyTable(result), ...absences(result)];
    }
  });
  return ["## Tagging English text", howToRead, ...tables];
}

function speedTable({ taggers }: TaggingSpeed): string {
  const own = taggers[0]!.wordsPerSecond;
  return table(
    ["tagger", "words a second", "time", "spread", "first time", "ours is faster by"],
    taggers.map(({ name, ms, spreadMs: [low, high], wordsPerSecond, firstMs }, i) => [
      name,
      formatCount(wordsPerSecond),
      formatMs(ms),
      `${formatMs(low)} to ${formatMs(high)}`,
      formatMs(firstMs),
      i === 0 ? "" : formatRatio(own / wordsPerSecond),
    ]),
  );
}

function startTable({ taggers }: ColdStart): string {
  return table(
    ["tagger", "first answer", "spread", "Node", "import", "load", "answer"],
    taggers.map(({ name, ms, spreadMs: [low, high], parts }) => [
      name,
      formatMs(ms),
      `${formatMs(low)} to ${formatMs(high)}`,
      ...[parts.node, parts.import, parts.load, parts.answer].map(formatMs),
    ]),
  );
}

function accuracyTable({ taggers }: TaggingAccuracy): string {
  return table(
    ["tagger", "gold words", "raw text", "splitting", "learnt from"],
    taggers.map(({ name, goldWords, rawText, splitting, learntFrom }) => [
      name,
      ...[goldWords, rawText, splitting].map((share) => formatPercent(share, 2)),
      learntFrom,
    ]),
  );
}

function absences({ absent }: TaggingAccuracy): string[] {
  const reasons = Object.entries(absent).map(([name, reason]) => `${name} was not measured: ${reason}`);
  return reasons.length > 0 ? [list(reasons)] : [];
}

/** A line for each tagger of others that was faster, started sooner or was right more often. */
export function textLosses(outcomes: readonly CaseOutcome[]): string[] {
  return outcomes.filter(isText).flatMap((result): string[] => {
    const { name: of } = result;
    switch (result.kind) {
      case "tagging-speed":
        return others(result.taggers).flatMap(([own, { name, wordsPerSecond }]) =>
          wordsPerSecond > own.wordsPerSecond
            ? [`\`${of}\`: ${name} is faster, ${formatRatio(own.wordsPerSecond / wordsPerSecond)}`]
            : [],
        );
      case "cold-start":
        return others(result.taggers).flatMap(([own, { name, ms }]) =>
          ms < own.ms ? [`\`${of}\`: ${name} answers sooner, after ${formatMs(ms)}`] : [],
        );
      case "tagging-accuracy":
        return others(result.taggers).flatMap(([own, one]) =>
          measures.flatMap(([measure, called]) =>
            one[measure] > own[measure]
              ? [`\`${of}\`: ${one.name} is better on ${called}, ${formatPercent(one[measure], 2)}`]
              : [],
          ),
        );
    }
  });
}

const measures: readonly (readonly [keyof TaggerAccuracy & ("goldWords" | "rawText" | "splitting"), string])[] = [
  ["goldWords", "gold words"],
  ["rawText", "raw text"],
  ["splitting", "splitting"],
];

/** Ours, which comes first, beside each of the others. */
function others<T extends { readonly name: string }>(taggers: readonly T[]): (readonly [own: T, other: T])[] {
  const [own, ...rest] = taggers;
  return own === undefined
    ? []
    : rest.filter(({ name }) => !name.startsWith("saccade")).map((other) => [own, other] as const);
}
