// BENCHMARKS.md: the machine, the goals, every figure with its spread, and the losses.
import { audioSections } from "./audio/audio-page.ts";
import { checkGoals } from "./goals.ts";
import type { Machine } from "./machine.ts";
import { formatBytes, formatItems, formatMs, formatPercent, formatRatio } from "./format.ts";
import { list, table } from "./markdown-parts.ts";
import { type CaseOutcome, type CaseResult, isFailure, isSkip, isTimed, peerForms } from "./result.ts";
import { textLosses, textSections } from "./text/text-page.ts";

/** The whole page; `webgpu` is its section on the GPU, which is measured elsewhere. */
export function renderPage(machine: Machine, outcomes: readonly CaseOutcome[], webgpu: string): string {
  const results = outcomes.filter(isTimed);
  const failures = outcomes.filter(isFailure);
  const sections = [
    "# Benchmarks",
    "Written by `npx -y pnpm@12.21.0 bench --write`; do not edit by hand.",
    renderMachine(machine),
    "## How to read",
    howToRead,
    "## Goals",
    table(
      ["goal", "measured", "met"],
      checkGoals(outcomes).map(({ claim, measured, met }) => [
        claim,
        measured,
        met === undefined ? "" : met ? "yes" : "**no**",
      ]),
    ),
    "## Ours",
    oursTable(results, machine.olderNode),
    "## Ours and the peers",
    peersTable(results),
    ...audioSections(outcomes),
    ...textSections(outcomes),
    "## Losses",
    renderLosses(results, textLosses(outcomes)),
  ];
  const skips = outcomes.filter(isSkip);
  if (skips.length > 0) sections.push("## Skipped", list(skips.map(({ name, skipped }) => `\`${name}\`: ${skipped}`)));
  if (failures.length > 0) {
    sections.push("## Failed", list(failures.map(({ name, failed }) => `\`${name}\`: ${failed}`)));
  }
  const absent = results.flatMap(({ name, absent: reasons }) =>
    Object.entries(reasons).map(([peer, why]) => `\`${name}\`: ${peer}: ${why}`),
  );
  if (absent.length > 0) sections.push("## Peers that did not take part", list(absent));
  sections.push(webgpu);
  return `${sections.join("\n\n")}\n`;
}

/** Above this load average something else was running. */
const busyLoad = 0.5;

const howToRead = list([
  "A case first checks its result against the reference backend on sampled rows; a wrong result is not timed.",
  "Ours, the peers and the probes of the machine take turns in one process, so that what the machine does meanwhile falls on all. A time is the median of the calls, the spread its 10 % and 90 % quantiles; opening the backend (loading, compiling, weights, plan) and the first call are apart.",
  "A call starts with arrays of the host and ends with one: copies in and out are part of it, on both sides. Weights and plans are made before.",
  "GFLOP/s count permitted pairs alone: a peer that computes what a pattern forbids gets no credit for it.",
  "The share is that of the peak of fused multiply-adds in registers, measured in the same rounds by a loop in WASM.",
  'The peer of record is the faster of its forms. onnxruntime-web fails on 4,096 positions in one call ("Integer overflow"), so there it takes the queries in two calls. It has no windows that skip work: beside them stands its dense attention.',
  "jax-js has no segment maximum; its graph attention takes the largest score of all edges off, or pads each row to the longest.",
  "A training step is forward, loss and the gradients of all weights, without an optimiser on either side. Weights and gradients stay on the device on both sides. Sentences are as long as those of UD English-EWT (128 quantiles, 2,078 words). jax-js has no ragged batches: it takes the sentences packed into rows of the longest one's length, with a mask, and sorted into five lengths, both under `jit`. Gradients are held against the reference backend's, of each weight by its own scale.",
  "Cases of speech, graphs and images run the models that the packages ship, from their features (log-mel frames, pixels, graphs) to scores; the plan is part of a call. The peer runs the same weights exported node by node to ONNX: convolutions as Conv, norms as LayerNormalization, attention as MultiHeadAttention or Attention. onnxruntime-web has neither sets of several lengths nor windows that skip work: its windows are an additive mask over all pairs, or blocks of queries beside the keys that they reach; its graphs are lists of edges with ScatterND, or neighbours padded to the longest row. What such forms need of masks, tables and padding is made before, and not timed.",
  "`speech/frames` hears 30 s; its shipped window is that of `from-samples`, which begins with samples and ends with labels, while GFLOP/s count the network alone. `graph/citations` is a drawn graph of Cora's size: 2,708 nodes, 5,278 edges, 9 to 28 of its words each.",
  "Rates of gradients count two products for each product forward; attention's scores are made again, which counts for nothing.",
  "Memory is the most that our backend ever had in use: inputs, output and all that the kernels need.",
  "Figures of an older Node are ours alone, by its own Node process against the same built files.",
]);

function renderMachine({
  cpu,
  cores,
  memoryBytes,
  system,
  node,
  olderNode,
  adapter,
  packages,
  commit,
  date,
  load,
}: Machine): string {
  return list([
    `Measured on ${date} at commit ${commit}`,
    `CPU: ${cpu}, ${cores} cores, ${(memoryBytes / 2 ** 30).toFixed(0)} GiB, ${system}`,
    `Node ${node} and V8's ${adapter}${olderNode ? `; beside it Node ${olderNode}` : ""}`,
    `Packages: ${Object.entries(packages)
      .map(([name, version]) => `${name} ${version}`)
      .join(", ")}`,
    "float32; one thread unless the name says otherwise",
    `Load of the machine before: ${load.toFixed(2)}${load > busyLoad ? ", it was busy with other work and times are too long" : ""}`,
  ]);
}

function oursTable(results: readonly CaseResult[], olderNode: string | undefined): string {
  const header = [
    "case",
    "time",
    "spread",
    "to open",
    "first call",
    "GFLOP/s",
    "of the peak",
    "error",
    "memory",
    "other",
  ];
  const rows = results.map((one) => [
    `\`${one.name}\``,
    formatMs(one.ms),
    `${formatMs(one.spreadMs[0])} to ${formatMs(one.spreadMs[1])}`,
    formatMs(one.openMs),
    formatMs(one.firstMs),
    one.gflops.toFixed(1),
    formatPercent(one.share),
    one.error.toExponential(1),
    formatBytes(one.peakMemoryBytes),
    otherFigures(one),
    ...(olderNode ? [one.olderNode ? `${formatMs(one.olderNode.ms)}, ${formatPercent(one.olderNode.share)}` : ""] : []),
  ]);
  return table(olderNode ? [...header, `Node ${olderNode}`] : header, rows);
}

function otherFigures({
  microsecondsPerPosition,
  edgesPerSecond,
  bytesPerSecond,
  bandwidthShare,
  items,
}: CaseResult): string {
  if (items !== undefined) return formatItems(items);
  if (edgesPerSecond !== undefined) {
    const bandwidth = `${((bytesPerSecond ?? NaN) / 1e9).toFixed(1)} GB/s, ${formatPercent(bandwidthShare ?? NaN)} of the bandwidth`;
    return `${(edgesPerSecond / 1e6).toFixed(1)} million edges/s, ${bandwidth}`;
  }
  return microsecondsPerPosition === undefined ? "" : `${microsecondsPerPosition.toFixed(2)} µs a position`;
}

function peersTable(results: readonly CaseResult[]): string {
  return table(
    ["case", "ours", "compared with", "time", "ours is faster by", "its error"],
    results.flatMap((one) =>
      peerForms(one).map((peer) => {
        const error = one.peerErrors[peer];
        const times = [formatMs(one.ms), peer, formatMs(one.peers[peer] ?? NaN), formatRatio(one.ratio[peer] ?? NaN)];
        return [`\`${one.name}\``, ...times, error?.toExponential(1) ?? ""];
      }),
    ),
  );
}

/** Cases in which someone else was faster; ours in another form is not someone else. */
function renderLosses(results: readonly CaseResult[], others: readonly string[]): string {
  const timed = results.flatMap((one) =>
    peerForms(one)
      .filter((peer) => !peer.startsWith("saccade") && (one.ratio[peer] ?? NaN) < 1)
      .map((peer) => `\`${one.name}\`: ${peer} is faster, ${formatRatio(one.ratio[peer] ?? NaN)}`),
  );
  const losses = [...timed, ...others];
  return losses.length > 0 ? list(losses) : "None of these cases.";
}
