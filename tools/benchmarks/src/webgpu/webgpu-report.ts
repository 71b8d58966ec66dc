// Outcomes on the GPU as text for people: a line per case, the peers below it.
import { formatBytes, formatMs, formatPercent, formatRatio } from "../format.ts";
import { isFailure } from "../result.ts";
import type { GpuDescription } from "./gpu.ts";
import type { WebgpuOutcome } from "./webgpu-result.ts";

/** What the adapter is; of a program, that it has no speed. */
export function formatGpu({ name, isSoftware }: GpuDescription): string {
  return isSoftware
    ? `${name}: a program that does the work of a GPU. Its speed means nothing and is not printed.`
    : name;
}

/** One case on a few lines. */
export function formatWebgpuOutcome(outcome: WebgpuOutcome): string {
  if (isFailure(outcome)) return `${outcome.name}  FAILED: ${outcome.failed}`;
  const { name, error, peerErrors, absent, peakMemoryBytes, times } = outcome;
  const absences = Object.entries(absent).map(([peer, reason]) => `${peer}: not measured, ${reason}`);
  const right = `error ${error.toExponential(1)}  ${formatBytes(peakMemoryBytes, 1)}`;
  if (times === null) {
    const peers = Object.entries(peerErrors).map(([peer, of]) => `${peer.padEnd(52)} error ${of.toExponential(1)}`);
    return [`${name.padEnd(34)}  ${right}`, ...peers, ...absences].join("\n    ");
  }
  const [low, high] = times.spreadMs;
  const lines = [
    [
      name.padEnd(34),
      `${formatMs(times.ms)} (${formatMs(low)} to ${formatMs(high)}; ${formatMs(times.copiedMs)} with copies)`,
      `${times.gflops.toFixed(0)} GFLOP/s`,
      `${formatPercent(times.share)} of ${times.peakGflops.toFixed(0)}`,
      right,
      `open ${formatMs(times.openMs)}, first call ${formatMs(times.firstMs)}`,
    ].join("  "),
  ];
  if (times.bytesPerSecond !== undefined) {
    lines.push(`${formatPercent(times.bytesPerSecond / times.copyBytesPerSecond)} of the bandwidth of a copy`);
  }
  for (const [peer, { ms, copiedMs }] of Object.entries(times.peers)) {
    const within = `${formatMs(ms).padStart(10)}  ${formatRatio(ms / times.ms)}`;
    lines.push(
      `${peer.padEnd(52)} ${within}  ${formatMs(copiedMs)} with copies, ${formatRatio(copiedMs / times.copiedMs)}`,
    );
  }
  return [...lines, ...absences].join("\n    ");
}
