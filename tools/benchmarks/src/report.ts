// Outcomes as text for people: a line per case, the peers below it.
import { formatBytes, formatItems, formatMs, formatPercent, formatRatio } from "./format.ts";
import { formatAudioCost } from "./audio/audio-page.ts";
import { type CaseOutcome, isAudioCost, isFailure, isSkip, isText, peerForms } from "./result.ts";
import { formatText } from "./text/text-report.ts";

/** One case on a few lines. */
export function formatOutcome(outcome: CaseOutcome): string {
  if (isFailure(outcome)) return `${outcome.name}  FAILED: ${outcome.failed}`;
  if (isSkip(outcome)) return `${outcome.name}  skipped: ${outcome.skipped}`;
  if (isText(outcome)) return formatText(outcome);
  if (isAudioCost(outcome)) return formatAudioCost(outcome);
  const [low, high] = outcome.spreadMs;
  const lines = [
    [
      outcome.name.padEnd(30),
      `${formatMs(outcome.ms)} (${formatMs(low)} to ${formatMs(high)})`,
      `${outcome.gflops.toFixed(1)} GFLOP/s`,
      `${formatPercent(outcome.share)} of ${outcome.peakGflops.toFixed(1)}`,
      `error ${outcome.error.toExponential(1)}`,
      formatBytes(outcome.peakMemoryBytes),
      `open ${formatMs(outcome.openMs)}, first call ${formatMs(outcome.firstMs)}`,
    ].join("  "),
  ];
  if (outcome.edgesPerSecond !== undefined) {
    const bandwidth = `${formatPercent(outcome.bandwidthShare ?? NaN)} of the memory bandwidth`;
    lines.push(`${(outcome.edgesPerSecond / 1e6).toFixed(1)} million edges/s, ${bandwidth}`);
  }
  if (outcome.items) lines.push(formatItems(outcome.items));
  for (const peer of peerForms(outcome)) {
    const ms = formatMs(outcome.peers[peer] ?? NaN).padStart(10);
    lines.push(`${peer.padEnd(52)} ${ms}  ${formatRatio(outcome.ratio[peer] ?? NaN)}`);
  }
  for (const [peer, reason] of Object.entries(outcome.absent)) lines.push(`${peer}: not measured, ${reason}`);
  if (outcome.olderNode) {
    const { version, ms, gflops, share } = outcome.olderNode;
    lines.push(`Node ${version}: ${formatMs(ms)}  ${gflops.toFixed(1)} GFLOP/s  ${formatPercent(share)} of its peak`);
  }
  return lines.join("\n    ");
}
