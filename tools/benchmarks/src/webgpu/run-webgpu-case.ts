// One case on the GPU from beginning to end, in a process of its own: check, then, on a card, time ours, the peers and the probes
// in turn, each from host arrays and from what is on the device already.
import { prepareCase } from "../cases/prepare.ts";
import type { Contestant, Prepared, Work } from "../contestant.ts";
import { relativeError } from "../error.ts";
import { interleave, type Timing } from "../measure.ts";
import { enterPeers } from "../peers/enter.ts";
import type { GpuDescription } from "./gpu.ts";
import { bandwidthProbe, fullSizes, peakProbe } from "./probes.ts";
import type { GpuCase } from "./shapes.ts";
import type { PeerTimes, WebgpuOutcome, WebgpuTimes } from "./webgpu-result.ts";

/** Calls in a row take this long at least, so that the wait for the last weighs little. */
const rowMs = 20;
const mostCalls = 256;

/** Runs `benchmark`; without `withPeers` ours alone. A wrong result or an exception is a failure, not a throw. */
export async function runWebgpuCase(
  benchmark: GpuCase,
  { isSoftware }: GpuDescription,
  withPeers: boolean,
): Promise<WebgpuOutcome> {
  try {
    return await checkAndTime(benchmark.name, await prepareCase(benchmark), isSoftware, withPeers);
  } catch (error) {
    return { name: benchmark.name, failed: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

async function checkAndTime(
  name: string,
  { ours: open, expected: compute, tolerance, peers: factories, work }: Prepared,
  isSoftware: boolean,
  withPeers: boolean,
): Promise<WebgpuOutcome> {
  const start = performance.now();
  const ours = await open();
  const opened = performance.now();
  const output = await ours.run();
  const firstMs = performance.now() - opened;
  const expected = await compute();
  const error = relativeError(ours, output, expected) ?? Infinity;
  if (!(error <= tolerance)) {
    return { name, failed: `relative error must be <= ${tolerance}, it is ${error}`, error };
  }
  await ours.resident?.(1);

  const entered = await enterPeers(withPeers ? factories : [], "gpu", expected, tolerance);
  const absent = { ...entered.absent };
  const peers: Contestant[] = [];
  for (const peer of entered.peers) {
    try {
      await peer.resident?.(1);
      peers.push(peer);
    } catch (cause) {
      absent[peer.name] = `within a model: ${messageOf(cause)}`;
    }
  }
  const opening = { openMs: opened - start, firstMs };
  const times = isSoftware
    ? null
    : await time(ours, peers, work, opening).catch(async (cause: unknown) => {
        if (peers.length === 0) throw cause;
        absent["the peers"] = `while they were timed: ${messageOf(cause)}`;
        return time(ours, [], work, opening);
      });
  const peakMemoryBytes = ours.memoryBytes?.() ?? NaN;
  for (const one of [ours, ...peers]) await one.dispose();
  return { name, error, peerErrors: entered.errors, absent, peakMemoryBytes, times };
}

async function time(
  ours: Contestant,
  peers: readonly Contestant[],
  { operations, bytes, edges }: Work,
  opening: Pick<WebgpuTimes, "openMs" | "firstMs">,
): Promise<WebgpuTimes> {
  const contestants = [ours, ...peers];
  const calls: number[] = [];
  for (const one of contestants) calls.push(await callsOfARow(one));
  const probes = [await peakProbe(fullSizes), await bandwidthProbe(fullSizes)];
  const [peak, copy] = probes as [(typeof probes)[0], (typeof probes)[0]];
  const timings = await interleave(
    [
      ...contestants.map((one, i) => async () => one.resident!(calls[i]!)),
      ...contestants.map((one) => async () => one.run()),
      ...probes.map(({ run }) => run),
    ],
    { warmUpMs: 200, budgetMs: 3000, settle: async () => (globalThis as { gc?: () => void }).gc?.() },
  );
  for (const { dispose } of probes) dispose();

  const within = (i: number): number => timings[i]!.medianMs / calls[i]!;
  const copied = (i: number): number => timings[contestants.length + i]!.medianMs;
  const probed = (amount: number, { medianMs }: Timing): number => amount / (medianMs / 1000);
  const seconds = within(0) / 1000;
  const peakRate = probed(peak.amount, timings.at(-2)!);
  const peerTimes = peers.map(({ name }, i): [string, PeerTimes] => [
    name,
    { ms: within(i + 1), copiedMs: copied(i + 1) },
  ]);
  const [low, high] = timings[0]!.spreadMs;
  return {
    ms: within(0),
    spreadMs: [low / calls[0]!, high / calls[0]!],
    calls: calls[0]!,
    copiedMs: copied(0),
    ...opening,
    gflops: operations / seconds / 1e9,
    share: operations / seconds / peakRate,
    peakGflops: peakRate / 1e9,
    copyBytesPerSecond: probed(copy.amount, timings.at(-1)!),
    ...(bytes === undefined ? {} : { bytesPerSecond: bytes / seconds }),
    ...(edges === undefined ? {} : { edgesPerSecond: edges / seconds }),
    peers: Object.fromEntries(peerTimes),
  };
}

/** A power of two; the calls that find it out warm kernels and clocks up. */
async function callsOfARow(one: Contestant): Promise<number> {
  for (let calls = 1; ; calls *= 2) {
    const start = performance.now();
    await one.resident!(calls);
    if (performance.now() - start >= rowMs || calls >= mostCalls) return calls;
  }
}
