// The heads of a sentence as a tree.

import type { ConlluWord } from "./conllu.ts";
import { DataFormatError } from "./data-format-error.ts";

/**
 * Throws `DataFormatError` unless every head lies in the sentence and is not the word itself; with "check" also unless
 * the heads are one tree (all of them given, one root, no cycle), or none is given. `lines` are those of the words.
 */
export function checkTree(words: readonly ConlluWord[], lines: readonly number[], trees: "check" | "ignore"): void {
  let given = 0;
  let root = -1;
  words.forEach(({ head }, i) => {
    if (head === null) return;
    given += 1;
    if (head > words.length) fail(lines[i]!, `must have a HEAD from 0 to ${words.length}, it is ${head}`);
    if (head === i + 1) fail(lines[i]!, `must not be its own HEAD, ${head}`);
    if (head !== 0) return;
    if (root >= 0 && trees === "check")
      fail(lines[i]!, "must have a HEAD above 0, since the sentence has a root already");
    root = i;
  });
  if (trees === "ignore" || given === 0) return;
  const without = words.findIndex(({ head }) => head === null);
  if (without >= 0) fail(lines[without]!, "must have a HEAD as the other words of its sentence, it is _");
  if (root < 0) fail(lines[0]!, "must be in a sentence with a root, no word of it has HEAD 0");
  const cyclic = findCycle(words);
  if (cyclic >= 0) fail(lines[cyclic]!, "must not depend on itself, its HEADs run in a circle");
}

/** A word from which heads never reach the root, or -1: each word is walked once. */
function findCycle(words: readonly ConlluWord[]): number {
  const walk = new Int32Array(words.length + 1);
  for (let i = 1; i <= words.length; i += 1) {
    let at = i;
    while (at !== 0 && walk[at] === 0) {
      walk[at] = i;
      at = words[at - 1]!.head!;
    }
    if (at !== 0 && walk[at] === i) return at - 1;
  }
  return -1;
}

function fail(line: number, rule: string): never {
  throw new DataFormatError(`Cannot read CoNLL-U: line ${line} ${rule}`, line);
}
