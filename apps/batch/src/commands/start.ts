// `saccade start`: attention over small real examples with its maps, computed here and compared with the reference,
// then the conformance suite over both backends.

import { createReferenceBackend } from "@saccade/attention-core/reference";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { type Backends, explainChoice, withBackends } from "../examples/backends.ts";
import {
  computeExamples,
  exampleHeads,
  examplePatterns,
  type Examples,
  plansOf,
} from "../examples/compute-examples.ts";
import { sentence } from "../examples/sentences.ts";
import { readOnnxSuites } from "../suites/onnx-cases.ts";
import { runSuites } from "../suites/run-suites.ts";
import { indent } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { wrap } from "../terminal/text.ts";
import { clubView, foretold, friendsView } from "../views/karate-club.ts";
import { count, difference } from "../views/numbers.ts";
import { samplesView } from "../views/samples.ts";
import { savingsView } from "../views/savings.ts";
import { sentenceView } from "../views/sentence.ts";
import { type BackendOutcome, failedCases, suitesView } from "../views/suites.ts";
import { describePattern } from "./arguments.ts";
import { tolerance } from "./tolerance.ts";

/** Both leaders, the member who went against his opinion, and one between the sides. */
const chosenMembers = [1, 34, 9, 10];

const nextSteps = [
  'npx -y pnpm@12.21.0 saccade attend "the same for a text of yours" --pattern window:2,2',
  "npx -y pnpm@12.21.0 saccade attend --help",
  "npx -y pnpm@12.21.0 conformance --backend wasm    every case by name",
  "npx -y pnpm@12.21.0 bench                         our kernels and others, measured here",
  "README.md                                         a program of a few lines for each use",
];

/** Runs the command. Resolves with its exit code: 1 if the backends differ too much or a case fails. */
export async function start(terminal: Terminal, signal: AbortSignal): Promise<0 | 1> {
  return withBackends(async (backends) => {
    showBackends(terminal, backends);
    const examples = await computeExamples(backends, signal);
    showSentence(terminal, examples);
    showBatch(terminal, examples);
    showClub(terminal, examples);
    const agrees = showComparison(terminal, examples);
    const passes = await showConformance(terminal, backends, signal);
    terminal.print([terminal.look.title("Try next"), "", ...indent(nextSteps)]);
    return agrees && passes ? 0 : 1;
  });
}

function showBackends({ print, look }: Terminal, { wasm }: Backends): void {
  const [simd = "", threads = ""] = explainChoice(wasm);
  print([
    look.title("Saccade: attention that you can look into"),
    "",
    `  computed by    ${wasm.name}, binary "${wasm.binary}", on Node ${process.version}`,
    `                 ${simd}`,
    `                 ${threads}`,
    "  compared with  reference: plain loops, sums in float64",
    "",
  ]);
}

function showSentence(terminal: Terminal, { words, maps, headMaps }: Examples): void {
  const { print, look } = terminal;
  print([look.title(`1. Words: "${sentence}"`), ""]);
  prose(
    terminal,
    `No weights are trained yet, so this shows spelling, not meaning: a word is a vector of hashed pieces of its letters, which serves as query, key and value alike. Maps are means over ${exampleHeads} heads. Rows are queries, columns are keys, numbers are percent of a row.`,
  );
  const patterns = maps.map((attended, i) => ({ title: describePattern(examplePatterns[i]!), attended }));
  const view = { words, patterns, heads: headMaps, headCount: exampleHeads, twins: [1, 3] } as const;
  print([...indent(sentenceView(view, look)), ""]);
}

function showBatch({ print, look }: Terminal, { sentences, batch }: Examples): void {
  print([
    look.title("2. Sentences of different lengths as one ragged batch, without padding"),
    "",
    ...indent(samplesView(sentences, batch, look)),
    "",
  ]);
}

function showClub(terminal: Terminal, { club }: Examples): void {
  const { print, look } = terminal;
  print([look.title("3. A graph: who met whom in a karate club (Zachary 1977; 34 members, 78 friendships)"), ""]);
  prose(
    terminal,
    "Each member attends to those he met, the more to one the more acquaintances they share. The instructor (1) and the president (34) fell out. Their opinions are given, +1 and -1; 50 rounds of attention spread them.",
  );
  print([...indent(clubView(club, look)), "", ...indent(friendsView(club, chosenMembers, look)), ""]);
  const { right, wrong } = foretold(club);
  const exception =
    wrong.join() === "9"
      ? " Member 9 is the exception in Zachary's own model too: three weeks from his black belt, he stayed with the instructor."
      : "";
  prose(
    terminal,
    `When the club split, ${right} of ${club.opinions.length} went where their opinion leads.${exception}`,
  );
}

function showComparison({ print, look }: Terminal, examples: Examples): boolean {
  const agrees = examples.difference < tolerance;
  const found = `${difference(examples.difference)} is the largest difference in ${count(examples.numbers)} numbers`;
  print([
    look.title("4. What skipping saves: pairs of query and key"),
    "",
    ...indent(savingsView(plansOf(examples), look)),
    "",
    look.title("5. All of the above on wasm and on reference"),
    "",
    `  ${agrees ? look.good(found) : look.bad(`${found}; it must be below ${tolerance}`)}`,
    "",
  ]);
  return agrees;
}

async function showConformance(terminal: Terminal, { wasm }: Backends, signal: AbortSignal): Promise<boolean> {
  const { print, look, columns } = terminal;
  print([look.title("6. Conformance: what every backend must do, run now"), ""]);
  const { suites, missing } = readOnnxSuites(process.env["SACCADE_SHARED"]);
  const threads = wasm.threads === 1 ? "1 thread" : `${wasm.threads} threads`;
  const openers = [
    { backend: "reference", open: async () => createReferenceBackend() },
    { backend: `wasm, ${threads}`, open: () => createWasmBackend({ threads: wasm.threads }) },
  ];
  const backends: BackendOutcome[] = [];
  for (const { backend, open } of openers) {
    const onCase = (done: number, total: number): void => terminal.progress(`  ${backend}: ${done} of ${total} cases`);
    try {
      backends.push({ backend, outcomes: await runSuites({ open, onnx: suites, signal, onCase }) });
    } finally {
      terminal.progress("");
    }
  }
  print([...indent(suitesView(backends, look, columns - 2)), ""]);
  if (missing !== null) prose(terminal, missing);
  return failedCases(backends) === 0;
}

/** A paragraph. */
function prose({ print, columns }: Terminal, text: string): void {
  print([...indent(wrap(text, Math.min(columns, 100) - 4)), ""]);
}
