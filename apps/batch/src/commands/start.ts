// `saccade start`: samples of all four domains through the models that are shipped, texts, a recording, molecules and papers,
// a picture, with what the models looked at; then what stands under them, computed here: plans that skip, a graph, and the
// conformance suite.

import { createWasmBackend } from "@saccade/attention-core/wasm";
import { citationsModel } from "@saccade/graph-nodes/models/citations";
import { lipophilicityModel } from "@saccade/graph-nodes/models/lipophilicity";
import { solubilityModel } from "@saccade/graph-nodes/models/solubility";
import { clothingModel } from "@saccade/image-patches/models/clothing";
import { digitStringsModel } from "@saccade/speech-frames/models/digit-strings";
import { framesModel } from "@saccade/speech-frames/models/frames";
import { sentimentModel } from "@saccade/text-tokens/models/sentiment";
import { uposModel } from "@saccade/text-tokens/models/upos";
import { uposWordsAloneModel } from "@saccade/text-tokens/models/upos-words-alone";
import { type Backends, explainChoice, withBackends } from "../examples/backends.ts";
import { computeExamples, type Examples, plansOf } from "../examples/compute-examples.ts";
import { type DomainModels, type ReadDomains, readDomains } from "../examples/read-domains.ts";
import { type ReadSamples, readSamples, type SampleModels } from "../examples/read-samples.ts";
import { papers } from "../samples/citation-graph.ts";
import { molecules } from "../samples/molecules.ts";
import { samples, twins } from "../samples/texts.ts";
import { readOnnxSuites } from "../suites/onnx-cases.ts";
import { runSuites } from "../suites/run-suites.ts";
import { indent } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { printable, wrap } from "../terminal/text.ts";
import { moleculesView, papersView, pictureView, recordingView } from "../views/domains.ts";
import { foretold, friendsView } from "../views/karate-club.ts";
import { count, difference, plural } from "../views/numbers.ts";
import { samplesView, twinsView } from "../views/read-samples.ts";
import { savingsView } from "../views/savings.ts";
import { type BackendOutcome, failedCases, suitesView } from "../views/suites.ts";
import { tolerance } from "./tolerance.ts";

/** Both leaders, the member who went against his opinion, and one between the sides. */
const chosenMembers = [1, 34, 9, 10];

const nextSteps = [
  'echo "a text of yours" | npx -y pnpm@12.21.0 saccade run text/upos',
  "npx -y pnpm@12.21.0 saccade --help                 all commands",
  "npx -y pnpm@12.21.0 conformance --backend wasm     every case by name",
  "npx -y pnpm@12.21.0 bench                          our kernels and others, measured here",
  "README.md                                          a program of a few lines for each use",
];

const sentimentCaution =
  " Sentiment was learned from reviews and knows two labels, so a text that is none gets one too.";

/** What is shipped. */
const shippedModels: SampleModels = {
  tagger: uposModel,
  wordsAlone: uposWordsAloneModel,
  sentiment: sentimentModel,
};

/** What is shipped for the other domains. */
const shippedDomainModels: DomainModels = {
  frames: framesModel,
  digitStrings: digitStringsModel,
  solubility: solubilityModel,
  lipophilicity: lipophilicityModel,
  citations: citationsModel,
  clothing: clothingModel,
};

const samplesFolder = new URL("../../samples/", import.meta.url);

/** The samples of the other domains. */
const domainSamples = {
  recording: new URL("digits.wav", samplesFolder),
  picture: new URL("boot.png", samplesFolder),
  molecules,
  papers,
};

/** Runs the command. Resolves with its exit code: 1 if a model is missing, the backends differ too much or a case fails. */
export async function start(
  terminal: Terminal,
  signal: AbortSignal,
  models: SampleModels = shippedModels,
  domainModels: DomainModels = shippedDomainModels,
): Promise<0 | 1> {
  return withBackends(async (backends) => {
    showBackends(terminal, backends);
    const read = await readSamples(samples, twins, models, signal);
    showSamples(terminal, read);
    showTwins(terminal, read);
    const domains = await readDomains(domainSamples, domainModels, signal);
    showDomains(terminal, domains);
    const examples = await computeExamples(backends, signal);
    showSkipping(terminal, examples);
    const agrees = showComparison(terminal, [read, domains, examples]);
    const passes = await showConformance(terminal, signal);
    terminal.print([terminal.look.title("Try next"), "", ...indent(nextSteps)]);
    return agrees && passes && read.missing.length + domains.missing.length === 0 ? 0 : 1;
  }, 1);
}

function showBackends({ print, look }: Terminal, { wasm }: Backends): void {
  const [simd = ""] = explainChoice(wasm);
  print([
    look.title("Saccade: attention that you can look into"),
    "",
    `  computed by    ${wasm.name}, binary "${wasm.binary}", one thread, on Node ${process.version}`,
    `                 ${simd}`,
    "  compared with  reference: plain loops, sums in float64",
    "",
  ]);
}

function showSamples(terminal: Terminal, read: ReadSamples): void {
  const { print, look, columns } = terminal;
  const { models, missing, milliseconds } = read;
  print([look.title("1. Texts of ours, their words tagged and each judged by models that were trained here"), ""]);
  for (const sentence of missing) prose(terminal, printable(sentence));
  if (models.length === 0) return;
  const sizes = models.map(({ name, bytes }) => `${printable(name)} ${(bytes / 1e6).toFixed(1)} MB`);
  const isJudged = read.texts.some((text) => text.sentiment !== null);
  print([...indent(samplesView(read, look, Math.min(columns, 100) - 4)), ""]);
  prose(
    terminal,
    `${sizes.join(", ")}: opened and run in ${Math.round(milliseconds)} ms.${isJudged ? sentimentCaution : ""}`,
  );
}

function showTwins(terminal: Terminal, { twins: tagged }: ReadSamples): void {
  if (tagged === null) return;
  const { print, look } = terminal;
  print([
    look.title(
      `2. Where the tagger looks in "${twins}": layer ${tagged.layers} of ${tagged.layers}, mean of its heads`,
    ),
    "",
  ]);
  prose(terminal, "Rows are words that ask, columns those that are looked at, numbers percent of a row.");
  print([...indent(twinsView(tagged, [1, 3], look)), ""]);
}

function showDomains(terminal: Terminal, domains: ReadDomains): void {
  const { print, look } = terminal;
  const { recording, picture, missing, models, milliseconds } = domains;
  for (const sentence of missing) prose(terminal, printable(sentence));
  print([
    look.title(
      `3. A recording of ${recording.seconds.toFixed(1)} s, a voice that a program made: digits, and where they are`,
    ),
    "",
    ...indent(recordingView(recording, look)),
    "",
  ]);
  prose(
    terminal,
    "Each frame looks through a window at its surroundings alone, so that the cost of a recording grows with its length and no faster. The models learned from recordings of six people.",
  );
  print([
    look.title("4. Molecules: what dissolves in water, and how they divide between octanol and water"),
    "",
    ...indent(moleculesView(domains.molecules)),
    "",
  ]);
  prose(
    terminal,
    "Solubility is the logarithm of mol per litre, log D that of the ratio at pH 7.4. Atoms attend to those they are bound to; shares are of the attention that led to the solubility.",
  );
  if (domains.papers !== null) {
    print([
      look.title("5. Papers that cite each other, made up: what each is about"),
      "",
      ...indent(papersView(papers, domains.papers)),
      "",
    ]);
    prose(
      terminal,
      "Papers 3 and 7 have no words: what they are about comes from those that they cite and that cite them, by attention along citations.",
    );
  }
  if (picture !== null) {
    print([
      look.title("6. A picture, drawn by us: which piece of clothing, and where the model looked"),
      "",
      ...indent(pictureView(picture, look)),
      "",
    ]);
    prose(
      terminal,
      "Attention of all layers multiplied (rollout), from the label back to patches; darker where more of it comes from. The model learned from photos of clothes, light on black, and saw the negative of this picture.",
    );
  }
  const sizes = models.map(({ name, bytes }) => `${printable(name)} ${(bytes / 1e6).toFixed(2)} MB`);
  prose(terminal, `${sizes.join(", ")}: opened and run in ${Math.round(milliseconds)} ms.`);
}

function showSkipping(terminal: Terminal, examples: Examples): void {
  const { print, look } = terminal;
  const { club } = examples;
  print([
    look.title("7. Texts of different lengths without padding, and a graph: pairs of query and key that are computed"),
    "",
    ...indent(savingsView(plansOf(examples), look)),
    "",
  ]);
  const { right } = foretold(club);
  prose(
    terminal,
    `The graph is a karate club (Zachary 1977): 34 members attend to those they met, the more to one the more friends they share. Its instructor (1) and president (34) fell out; 50 rounds of attention spread their two opinions. When the club split, ${right} of ${club.opinions.length} went where that leads.`,
  );
  print([...indent(friendsView(club, chosenMembers, look)), ""]);
}

function showComparison(
  { print, look }: Terminal,
  compared: readonly { readonly difference: number; readonly numbers: number }[],
): boolean {
  const largest = Math.max(...compared.map((one) => one.difference));
  const agrees = largest < tolerance;
  const numbers = compared.reduce((sum, one) => sum + one.numbers, 0);
  const found = `${difference(largest)} is the largest difference in ${count(numbers)} numbers`;
  print([
    look.title("8. All of the above on wasm and on reference: probabilities, weights and outputs"),
    "",
    `  ${agrees ? look.good(found) : look.bad(`${found}; it must be below ${tolerance}`)}`,
    "",
  ]);
  return agrees;
}

async function showConformance(terminal: Terminal, signal: AbortSignal): Promise<boolean> {
  const { print, look, columns } = terminal;
  print([look.title("9. Conformance of wasm: the same cases as for every backend, run now"), ""]);
  const { suites, missing } = readOnnxSuites(process.env["SACCADE_SHARED"]);
  const open = () => createWasmBackend({ threads: 1 });
  const onCase = (done: number, total: number): void => terminal.progress(`  ${done} of ${plural(total, "case")}`);
  let backends: readonly BackendOutcome[];
  try {
    backends = [{ backend: "wasm, 1 thread", outcomes: await runSuites({ open, onnx: suites, signal, onCase }) }];
  } finally {
    terminal.progress("");
  }
  print([...indent(suitesView(backends, look, columns - 2)), ""]);
  if (missing !== null) prose(terminal, missing);
  return failedCases(backends) === 0;
}

/** A paragraph. */
function prose({ print, columns }: Terminal, text: string): void {
  print([...indent(wrap(text, Math.min(columns, 100) - 4)), ""]);
}
