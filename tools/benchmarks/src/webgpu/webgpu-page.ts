// A run on the GPU as the section of the page: figures of a card; of a program in its place, only whether results are right.
import { formatBytes, formatMs, formatPercent, formatRatio } from "../format.ts";
import { list, table } from "../markdown-parts.ts";
import { summarize } from "../measure.ts";
import { isFailure } from "../result.ts";
import type { TorchRun } from "./torch-run.ts";
import { checkWebgpuGoals } from "./webgpu-goals.ts";
import {
  isChecked,
  isTimedOnGpu,
  type TimedResult,
  type WebgpuOutcome,
  type WebgpuResult,
  type WebgpuRun,
} from "./webgpu-result.ts";
import { measured, measuredSection, unmeasuredSection } from "./webgpu-section.ts";

/** The section of `run`. */
export function renderWebgpuSection(run: WebgpuRun): string {
  return run.gpu.isSoftware ? softwareSection(run) : cardSection(run);
}

function softwareSection({ machine, gpu, outcomes }: WebgpuRun): string {
  const checked = outcomes.filter(isChecked);
  return [
    unmeasuredSection(
      `no card was at hand. The adapter is ${gpu.name}, a program that does the work of a GPU: its speeds mean nothing, and none are printed`,
      `- Checked on ${machine.date} at commit ${machine.commit}, Node ${machine.node}, ${packagesOf(machine.packages)}`,
      "- Small cases of every kind, results held against the reference backend on sampled rows, relative to the scale of the answer; those of the peers on the same adapter too",
    ),
    table(
      ["case", "error of ours", "errors of the peers"],
      checked.map(({ name, error, peerErrors }) => [
        `\`${name}\``,
        error.toExponential(1),
        Object.entries(peerErrors)
          .map(([peer, of]) => `${peer} ${of.toExponential(1)}`)
          .join(", "),
      ]),
    ),
    ...failuresAndAbsences(outcomes, checked),
  ].join("\n\n");
}

function cardSection({ machine, gpu, outcomes, torch }: WebgpuRun): string {
  const results = outcomes.filter(isTimedOnGpu);
  const median = (value: (of: TimedResult["times"]) => number): number =>
    results.length === 0 ? NaN : summarize(results.map(({ times }) => value(times))).medianMs;
  const limits = Object.entries(gpu.limits).map(([name, value]) => `${name} ${value.toLocaleString("en")}`);
  return measuredSection(
    list([
      `${measured.slice(2)}${machine.date} at commit ${machine.commit}`,
      `Adapter: ${gpu.name}`,
      `Limits: ${limits.join(", ")}; of the features ${gpu.features.join(", ") || "none"}`,
      `CPU: ${machine.cpu}, ${machine.cores} cores, ${machine.system}; Node ${machine.node}, ${packagesOf(machine.packages)}`,
      `Peak of fp32 multiply-adds in registers, by a loop in WGSL: ${formatTeraflops(median((of) => of.peakGflops))}; of a copy within the card's memory, read and written: ${formatGigabytes(median((of) => of.copyBytesPerSecond))}`,
      ...(torch ? [torchLine(torch)] : []),
    ]),
    howToRead,
    "### Goals on the GPU",
    table(
      ["goal", "measured", "met"],
      checkWebgpuGoals(outcomes).map(({ claim, measured: found, met }) => [
        claim,
        found,
        met === undefined ? "" : met ? "yes" : "**no**",
      ]),
    ),
    "### Ours on the GPU",
    oursTable(results),
    "### Ours and the peers on the GPU",
    peersTable(results),
    ...(torch ? ["### Ours and PyTorch on the same card", torchTable(results, torch)] : []),
    "### Losses on the GPU",
    lossList(results, torch),
    ...failuresAndAbsences(outcomes, results),
  );
}

const howToRead = list([
  "A case first checks its result against the reference backend on sampled rows; a wrong result is not timed. Ours, the peers and the probes of the card take turns in one process on one adapter.",
  "Within a model: from tensors on the device to tensors on the device, calls in a row for 20 ms at least and one wait for the last; the time is that of a call. With copies: from host arrays to a host array, one call and its wait, as Node's arrays go to the card and back.",
  "GFLOP/s and shares are those within a model, of permitted pairs alone.",
  "onnxruntime-web is its entry `/webgpu`, with no fallback to the CPU. Its Attention of opset 23 has no kernel there, and its MultiHeadAttention takes sets of several lengths by a mask; beside windows stands its dense attention.",
]);

function packagesOf(packages: Readonly<Record<string, string>>): string {
  return Object.entries(packages)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ");
}

function torchLine({ torch, device, nominalGflops }: TorchRun): string {
  const nominal =
    nominalGflops === null
      ? ""
      : `; the card's own peak, by lanes and highest clock: ${formatTeraflops(nominalGflops)}`;
  return `PyTorch ${torch} on ${device}, fp32 without TensorFloat-32, within a model${nominal}`;
}

function oursTable(results: readonly TimedResult[]): string {
  return table(
    [
      "case",
      "within a model",
      "spread",
      "with copies",
      "to open",
      "first call",
      "GFLOP/s",
      "of the peak",
      "error",
      "memory",
      "other",
    ],
    results.map(({ name, error, peakMemoryBytes, times }) => [
      `\`${name}\``,
      formatMs(times.ms),
      `${formatMs(times.spreadMs[0])} to ${formatMs(times.spreadMs[1])}`,
      formatMs(times.copiedMs),
      formatMs(times.openMs),
      formatMs(times.firstMs),
      Math.round(times.gflops).toLocaleString("en"),
      formatPercent(times.share),
      error.toExponential(1),
      formatBytes(peakMemoryBytes),
      otherFigures(times),
    ]),
  );
}

function otherFigures({ edgesPerSecond, bytesPerSecond, copyBytesPerSecond }: TimedResult["times"]): string {
  if (edgesPerSecond === undefined || bytesPerSecond === undefined) return "";
  const share = formatPercent(bytesPerSecond / copyBytesPerSecond);
  return `${(edgesPerSecond / 1e6).toFixed(1)} million edges/s, ${formatGigabytes(bytesPerSecond)}, ${share} of a copy`;
}

function peersTable(results: readonly TimedResult[]): string {
  const header = [
    "case",
    "compared with",
    "within a model",
    "ours is faster by",
    "with copies",
    "ours is faster by",
    "its error",
  ];
  return table(
    header,
    results.flatMap(({ name, times, peerErrors }) =>
      Object.entries(times.peers).map(([peer, { ms, copiedMs }]) => [
        `\`${name}\``,
        peer,
        formatMs(ms),
        formatRatio(ms / times.ms),
        formatMs(copiedMs),
        formatRatio(copiedMs / times.copiedMs),
        peerErrors[peer]?.toExponential(1) ?? "",
      ]),
    ),
  );
}

function torchTable(results: readonly TimedResult[], torch: TorchRun): string {
  return table(
    ["case", "ours", "PyTorch", "form", "ours is at", "its error"],
    results.flatMap(({ name, times }) =>
      torch.cases
        .filter((one) => one.name === name)
        .map(({ form, ms, error }) => [
          `\`${name}\``,
          formatMs(times.ms),
          formatMs(ms),
          form,
          `${formatPercent(ms / times.ms)} of its speed`,
          error.toExponential(1),
        ]),
    ),
  );
}

/** Cases in which someone else was faster, within a model or with copies. */
function lossList(results: readonly TimedResult[], torch: TorchRun | null): string {
  const losses = results.flatMap(({ name, times }) => [
    ...Object.entries(times.peers).flatMap(([peer, { ms, copiedMs }]) => [
      ...(ms < times.ms ? [`\`${name}\`: ${peer} is faster within a model, ${formatRatio(ms / times.ms)}`] : []),
      ...(copiedMs < times.copiedMs
        ? [`\`${name}\`: ${peer} is faster with copies, ${formatRatio(copiedMs / times.copiedMs)}`]
        : []),
    ]),
    ...(torch?.cases ?? [])
      .filter((one) => one.name === name && one.ms < times.ms)
      .map(({ ms }) => `\`${name}\`: PyTorch is faster, ${formatRatio(ms / times.ms)}`),
  ]);
  return losses.length > 0 ? list(losses) : "None of these cases.";
}

function failuresAndAbsences(outcomes: readonly WebgpuOutcome[], checked: readonly WebgpuResult[]): string[] {
  const failures = outcomes.filter(isFailure).map(({ name, failed }) => `\`${name}\`: ${failed}`);
  const absences = checked.flatMap(({ name, absent }) =>
    Object.entries(absent).map(([peer, why]) => `\`${name}\`: ${peer}: ${why}`),
  );
  return [
    ...(failures.length > 0 ? ["### Failed on the GPU", list(failures)] : []),
    ...(absences.length > 0 ? ["### Peers that did not take part on the GPU", list(absences)] : []),
  ];
}

function formatTeraflops(gflops: number): string {
  return `${(gflops / 1e3).toPrecision(3)} TFLOP/s`;
}

function formatGigabytes(bytesPerSecond: number): string {
  return `${(bytesPerSecond / 1e9).toLocaleString("en", { maximumSignificantDigits: 3 })} GB/s`;
}
