// Times several contestants in turn, A B C A B C ..., so that what the machine does meanwhile falls on all alike.

/** Times of one contestant, in milliseconds per call. */
export interface Timing {
  readonly medianMs: number;
  /** 10 % of the samples are faster than the first, 10 % slower than the second. */
  readonly spreadMs: readonly [number, number];
  readonly bestMs: number;
  readonly samples: number;
}

export interface MeasureOptions {
  /** Each contestant runs at least this long before it is timed: engines compile quickly first and well later. */
  readonly warmUpMs: number;
  /** A turn of a contestant lasts about this long: as many calls as fit, each timed, and at least one. */
  readonly turnMs: number;
  /** The timed part aims at this length, within the bounds on rounds. */
  readonly budgetMs: number;
  readonly minRounds: number;
  readonly maxRounds: number;
  /** Before each turn, outside the timing; short calls are then made once untimed, so that caches are warm again. */
  readonly settle: () => Promise<void>;
  /** Milliseconds; a test puts its own clock here. */
  readonly now: () => number;
}

export const defaultMeasureOptions: MeasureOptions = {
  warmUpMs: 500,
  turnMs: 20,
  budgetMs: 4000,
  minRounds: 5,
  maxRounds: 60,
  settle: async () => {},
  now: () => performance.now(),
};

/** Calls longer than this take part in every other round. */
const slowCallMs = 2000;

/** One timing for each of `runs`, in their order. Rejects with what a run rejects with. */
export async function interleave(
  runs: readonly (() => Promise<unknown>)[],
  options: Partial<MeasureOptions> = {},
): Promise<Timing[]> {
  const { budgetMs, minRounds, maxRounds, settle, now, ...rest } = { ...defaultMeasureOptions, ...options };
  const lanes: Lane[] = [];
  for (const run of runs) lanes.push(await warmUp(run, { ...rest, now }));
  const roundMs = lanes.reduce((total, lane) => total + lane.calls * lane.callMs, 0);
  const rounds = Math.max(minRounds, Math.min(maxRounds, Math.ceil(budgetMs / roundMs)));
  for (let round = 0; round < rounds; round++) {
    for (const lane of lanes) {
      if (lane.callMs > slowCallMs && round % 2 === 1) continue;
      await settle();
      if (lane.calls > 1) await lane.run();
      for (let call = 0; call < lane.calls; call++) {
        const start = now();
        await lane.run();
        lane.samples.push(now() - start);
      }
    }
  }
  return lanes.map(({ samples }) => summarize(samples));
}

interface Lane {
  readonly run: () => Promise<unknown>;
  readonly calls: number;
  readonly callMs: number;
  readonly samples: number[];
}

async function warmUp(
  run: () => Promise<unknown>,
  { warmUpMs, turnMs, now }: Pick<MeasureOptions, "warmUpMs" | "turnMs" | "now">,
): Promise<Lane> {
  const start = now();
  let callMs: number;
  do {
    const before = now();
    await run();
    callMs = now() - before;
  } while (now() - start < warmUpMs);
  const calls = Math.max(1, Math.min(1000, Math.ceil(turnMs / Math.max(callMs, 1e-3))));
  return { run, calls, callMs: Math.max(callMs, 1e-3), samples: [] };
}

/** Median, spread and best of `samples`. Throws `RangeError` if there is none. */
export function summarize(samples: readonly number[]): Timing {
  if (samples.length === 0) throw new RangeError("Cannot summarize timings: there must be at least one sample");
  const sorted = [...samples].sort((a, b) => a - b);
  return {
    medianMs: quantile(sorted, 0.5),
    spreadMs: [quantile(sorted, 0.1), quantile(sorted, 0.9)],
    bestMs: sorted[0]!,
    samples: samples.length,
  };
}

/** The value below which the share `fraction` of the ascending `sorted` lies, interpolated. */
export function quantile(sorted: readonly number[], fraction: number): number {
  const at = (sorted.length - 1) * fraction;
  const low = Math.floor(at);
  const high = Math.ceil(at);
  return sorted[low]! + (sorted[high]! - sorted[low]!) * (at - low);
}
