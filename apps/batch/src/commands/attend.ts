// `saccade attend`: the map of a text of the user's own.

import type { AttentionPattern } from "@saccade/attention-core";
import {
  type AttendedText,
  attendWords,
  numbersOf,
  type Positions,
  type TextRequest,
} from "../examples/attend-words.ts";
import { type Backends, explainChoice, largestDifference, withBackends } from "../examples/backends.ts";
import { headWidth, wordsOf } from "../examples/words.ts";
import { indent } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { wrap } from "../terminal/text.ts";
import { attendJson } from "../views/attend-json.ts";
import { attendView } from "../views/attend.ts";
import { difference as formatDifference } from "../views/numbers.ts";
import { describePattern } from "./arguments.ts";
import { UsageError } from "./errors.ts";
import { tolerance } from "./tolerance.ts";

/** What to attend over, and how. */
export interface AttendCommand {
  readonly text: string;
  readonly pattern: AttentionPattern;
  readonly heads: number;
  readonly positions: Positions;
  readonly json: boolean;
}

/** The most words that have a whole map; more have their strongest pairs alone. */
const mostMappedWords = 64;
/** The most pairs that the reference is asked to compute as well, which takes it about a second. */
const mostComparedPairs = 250_000;
const topK = 3;

/**
 * Runs the command. Resolves with its exit code: 1 if the backends differ too much. Throws `UsageError` for a text
 * without words; rejects with the reason of `signal` when it aborts.
 */
export async function attend(command: AttendCommand, terminal: Terminal, signal: AbortSignal): Promise<0 | 1> {
  const { text, pattern, heads, positions, json } = command;
  const words = wordsOf(text);
  if (words.length === 0) throw new UsageError("Cannot attend: TEXT must hold at least one word, it holds none");
  return withBackends(async (backends) => {
    const full = words.length <= mostMappedWords;
    const maps = {
      meanOverHeads: true,
      topK,
      columnSums: true,
      entropy: true,
      ...(full && { full: "weights" as const }),
    };
    const request = { texts: [words], heads, positions, pattern, maps };
    const attended = await attendWords(backends.wasm, request, signal);
    const difference = await compare(backends, request, attended, signal);
    if (json) {
      terminal.print([attendJson({ words, command, headWidth, backend: backends.wasm, attended, difference })]);
    } else {
      const headMaps = full
        ? await attendWords(backends.wasm, { ...request, maps: { full: "weights" } }, signal)
        : null;
      terminal.print([
        terminal.look.title(
          `${describePattern(pattern)}, ${positions === "none" ? "no" : positions} positions, ${heads} ${heads === 1 ? "head" : "heads"}`,
        ),
        "",
        ...indent(attendView({ words, heads, attended, headMaps }, terminal.look, terminal.columns - 2)),
        "",
        ...indent(footer(backends, attended, difference).flatMap((line) => wrap(line, terminal.columns - 4))),
      ]);
    }
    return difference === null || difference < tolerance ? 0 : 1;
  });
}

async function compare(
  { reference }: Backends,
  request: TextRequest,
  attended: AttendedText,
  signal: AbortSignal,
): Promise<number | null> {
  if (attended.plan.pairs > mostComparedPairs) return null;
  return largestDifference(numbersOf(attended), numbersOf(await attendWords(reference, request, signal)));
}

function footer({ wasm }: Backends, { milliseconds }: AttendedText, difference: number | null): string[] {
  const compared =
    difference === null
      ? `not compared with reference: that is for up to ${mostComparedPairs.toLocaleString("en-US")} pairs`
      : `differs from reference by at most ${formatDifference(difference)}${difference < tolerance ? "" : `, must be below ${tolerance}`}`;
  return [
    `computed in ${milliseconds.toFixed(1)} ms by ${wasm.name}, binary "${wasm.binary}"; ${compared}`,
    ...explainChoice(wasm),
    "Attention alone, without a model: words are vectors of their spelling and attend to words that look alike.",
  ];
}
