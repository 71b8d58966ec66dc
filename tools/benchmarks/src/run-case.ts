// One case from beginning to end, in a process of its own: check, then time ours, the peers and the probes in turn.
import type { Contestant, Prepared } from "./contestant.ts";
import { prepareCase } from "./cases/prepare.ts";
import { relativeError } from "./error.ts";
import { interleave, type Timing } from "./measure.ts";
import { enterPeers } from "./peers/enter.ts";
import type { CaseFailure, CaseOutcome, CaseResult } from "./result.ts";
import { type HostCase, isTextCase } from "./shapes.ts";
import type { ProbeBinaries } from "./wasm/compile.ts";
import { bandwidthProbe, peakProbe } from "./wasm/probes.ts";

/** Threads of a peer may spin for a while after its call; they get this long to come to rest. */
const restMs = 5;

/** Runs `benchmark`; without `withPeers` ours alone. A wrong result or an exception is a failure, not a throw. */
export async function runCase(benchmark: HostCase, binaries: ProbeBinaries, withPeers: boolean): Promise<CaseOutcome> {
  try {
    if (isTextCase(benchmark)) {
      // Loaded here alone: an older Node lacks something of what these cases need.
      const { runTextCase } = await import("./text/run-text-case.ts");
      return await runTextCase(benchmark, withPeers);
    }
    if (benchmark.kind === "audio-length") {
      const { measureAudioCost } = await import("./audio/measure-audio-cost.ts");
      return await measureAudioCost(benchmark.name, benchmark.threads);
    }
    return await checkAndTime(benchmark.name, benchmark.threads, await prepareCase(benchmark), binaries, withPeers);
  } catch (error) {
    return { name: benchmark.name, failed: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

async function checkAndTime(
  name: string,
  threads: number,
  prepared: Prepared,
  binaries: ProbeBinaries,
  withPeers: boolean,
): Promise<CaseResult | CaseFailure> {
  const start = performance.now();
  const ours = await prepared.ours();
  const opened = performance.now();
  const first = await ours.run();
  const firstMs = performance.now() - opened;
  const output = (await ours.check?.()) ?? first;
  const expected = await prepared.expected();
  const error = relativeError(ours, output, expected) ?? Infinity;
  if (!(error <= prepared.tolerance)) {
    return { name, failed: `relative error must be <= ${prepared.tolerance}, it is ${error}`, error };
  }

  const alternatives: Contestant[] = [];
  for (const create of prepared.alternatives ?? []) alternatives.push(await create());
  const { peers, absent, errors } = await enterPeers(
    withPeers ? prepared.peers : [],
    threads,
    expected,
    prepared.tolerance,
  );
  const rivals = [...alternatives, ...peers];
  const peak = peakProbe(binaries);
  const probes = prepared.work.bytes === undefined ? [peak] : [peak, bandwidthProbe(binaries)];
  const timings = await interleave(
    [...[ours, ...rivals].map((one) => async () => one.run()), ...probes.map((probe) => probe.run)],
    {
      settle: async () => settle(threads),
    },
  );
  const peakMemoryBytes = ours.memoryBytes?.() ?? NaN;
  for (const one of [ours, ...rivals]) await one.dispose();

  const [own, ...others] = timings as [Timing, ...Timing[]];
  const rate = (amount: number, timing: Timing | undefined): number => amount / ((timing?.medianMs ?? NaN) / 1000);
  const peakRate = rate(peak.amount, others[rivals.length]);
  const times = timesByName(rivals, others);
  const { operations, positions, edges, bytes, items } = prepared.work;
  return {
    name,
    ms: own.medianMs,
    spreadMs: own.spreadMs,
    bestMs: own.bestMs,
    openMs: opened - start,
    firstMs,
    gflops: rate(operations, own) / 1e9,
    share: rate(operations, own) / (peakRate * threads),
    peakGflops: peakRate / 1e9,
    peers: times,
    ratio: Object.fromEntries(Object.entries(times).map(([peer, ms]) => [peer, ms / own.medianMs])),
    error,
    peerErrors: errors,
    absent,
    peakMemoryBytes,
    threads,
    node: process.versions.node,
    ...(positions === undefined ? {} : { microsecondsPerPosition: (own.medianMs * 1000) / positions }),
    ...(edges === undefined ? {} : { edgesPerSecond: rate(edges, own) }),
    ...(items && { items: { unit: items.unit, perSecond: rate(items.count, own) } }),
    ...(bytes === undefined
      ? {}
      : {
          bytesPerSecond: rate(bytes, own),
          bandwidthShare: rate(bytes, own) / rate(probes[1]!.amount, others[rivals.length + 1]),
        }),
  };
}

/** Each contestant's median by its name, and by its library's name the least of that library. */
function timesByName(rivals: readonly Contestant[], timings: readonly Timing[]): Record<string, number> {
  const times: Record<string, number> = {};
  for (const [i, { library }] of rivals.entries()) {
    times[library] = Math.min(times[library] ?? Infinity, timings[i]!.medianMs);
  }
  for (const [i, { name }] of rivals.entries()) times[name] = timings[i]!.medianMs;
  return times;
}

/** Collects garbage, so that none pays for what another left: jax-js leaves an instance of WASM for each operation. */
async function settle(threads: number): Promise<void> {
  (globalThis as { gc?: () => void }).gc?.();
  if (threads > 1) await new Promise((resolve) => setTimeout(resolve, restMs));
}
