// Inputs in batches of about so many positions: what one forward pass works on.

import { orAborted } from "./signals.ts";

/** Inputs that run together. */
export interface Batch<Input> {
  readonly inputs: readonly Input[];
  /** The number of the first one among all. */
  readonly first: number;
  /** An estimate. */
  readonly positions: number;
}

/** How long a source may keep a batch waiting that has begun. */
const patienceMs = 20;

/** Batches of `inputs`, in order: as many as stay within `mostPositions`, and at least one. */
export function* cutBatches<Input>(
  inputs: readonly Input[],
  positionsOf: (input: Input) => number,
  mostPositions: number,
): Generator<Batch<Input>> {
  let first = 0;
  let positions = 0;
  for (let i = 0; i < inputs.length; i += 1) {
    const more = positionsOf(inputs[i]!);
    if (i > first && positions + more > mostPositions) {
      yield { inputs: inputs.slice(first, i), first, positions };
      [first, positions] = [i, 0];
    }
    positions += more;
  }
  if (first < inputs.length) yield { inputs: inputs.slice(first), first, positions };
}

/** Sets `from .. end)` of a batch. */
export interface SetRange {
  readonly from: number;
  readonly end: number;
}

/** Sets at `offsets` [N + 1] in order: as many at a time as stay within `mostPositions`, and at least one. */
export function* cutSets(offsets: Int32Array, mostPositions: number): Generator<SetRange> {
  const sets = offsets.length - 1;
  let from = 0;
  for (let set = 1; set < sets; set += 1) {
    if (offsets[set + 1]! - offsets[from]! <= mostPositions) continue;
    yield { from, end: set };
    from = set;
  }
  if (from < sets) yield { from, end: sets };
}

/**
 * Batches of a source, which is asked for one input at a time; a batch that has begun is not kept waiting for long. What a
 * source throws comes after the batch that it interrupts. The source is closed when the batches are.
 */
export async function* gatherBatches<Input>(
  source: Iterable<Input> | AsyncIterable<Input>,
  positionsOf: (input: Input) => number,
  mostPositions: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Batch<Input>> {
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  const isSlow = Symbol.asyncIterator in source;
  let ended = false;
  let pending: Promise<IteratorResult<Input>> | IteratorResult<Input> | null = null;
  let [first, positions, inputs] = [0, 0, [] as Input[]];
  const take = (): Batch<Input> => {
    const batch = { inputs, first, positions };
    first += inputs.length;
    [positions, inputs] = [0, []];
    return batch;
  };
  try {
    while (!ended) {
      signal?.throwIfAborted();
      let result: IteratorResult<Input>;
      try {
        pending ??= iterator.next();
        if (isSlow && inputs.length > 0 && (await isLate(pending as Promise<unknown>))) yield take();
        result = await orAborted(pending, signal);
      } catch (error) {
        if (signal?.aborted) throw error;
        // The source has thrown, and is over: what it gave before is not lost.
        ended = true;
        if (inputs.length > 0) yield take();
        throw error;
      }
      pending = null;
      if (result.done) {
        ended = true;
        break;
      }
      const more = positionsOf(result.value);
      if (inputs.length > 0 && positions + more > mostPositions) yield take();
      inputs.push(result.value);
      positions += more;
    }
    if (inputs.length > 0) yield take();
  } finally {
    // A source that hangs in `next` would hang in `return` as well: it is told, and not waited for.
    if (!ended) {
      const closing = iterator.return?.();
      if (closing && "catch" in closing) closing.catch(() => {});
    }
  }
}

async function isLate(next: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(true), patienceMs)));
  const there = next.then(
    () => false,
    () => false,
  );
  try {
    return await Promise.race([there, late]);
  } finally {
    clearTimeout(timer);
  }
}
