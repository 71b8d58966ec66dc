// A stream over a line: chunks of inputs go out, of which two are on the way at most, and outputs come back in order.

import { type Batch, gatherBatches, InputError, rejectionOf, type RunOptions } from "@saccade/pipeline";
import { transfer } from "comlink";
import { decodeError } from "../wire/error-wire.ts";
import type { RunResult } from "../wire/messages.ts";
import type { Connection } from "./connection.ts";

const inputsPerMessage = 64;
const mostOnTheWay = 2;

/** Outputs of `inputs` in order; see `Pipeline.stream`. */
export async function* streamOver<Input, Output>(
  connection: Connection,
  inputs: Iterable<Input> | AsyncIterable<Input>,
  { signal: wanted, onProgress, onInputError, transfer: transferOf }: RunOptions<Output, Input>,
): AsyncGenerator<Output, void, void> {
  const left = new AbortController();
  const signal = wanted ? AbortSignal.any([wanted, left.signal]) : left.signal;
  let done = 0;
  const tell = (): void => onProgress?.({ percent: 0, done, total: undefined });
  const send = async ({ inputs: chunk }: Batch<Input>): Promise<RunResult> => {
    const moved = transfer([...chunk], transfersOf(chunk, transferOf));
    return connection.call({ signal, onProgress: onProgress && tell }, (host, call) =>
      host.run(moved, { ...call, refuse: true }),
    );
  };
  try {
    for await (const { batch, result } of inOrder(
      gatherBatches(inputs, () => 1, inputsPerMessage, signal),
      send,
    )) {
      yield* finishOutputs<Output>(result, batch.first, onInputError);
      done += batch.inputs.length;
      tell();
    }
  } finally {
    left.abort(new Error("the stream was left"));
  }
}

/** The outputs of a call whose first input is number `first` of all; throws at the place of one that was refused. */
export function* finishOutputs<Output>(
  { outputs, refused }: RunResult,
  first: number,
  onInputError: ((error: InputError) => Output) | undefined,
): Generator<Output> {
  const errors = new Map(refused);
  for (const [i, output] of outputs.entries()) {
    const wire = errors.get(i);
    if (wire === undefined) {
      yield output as Output;
      continue;
    }
    const error = decodeError(wire) as InputError;
    const numbered = first === 0 ? error : new InputError(error.task, first + i, error.cause);
    if (onInputError === undefined) throw rejectionOf(numbered);
    yield onInputError(numbered);
  }
}

/** What may be moved of `inputs`, each once: two of them may share a buffer. */
export function transfersOf<Input>(
  inputs: readonly Input[],
  transferOf: ((input: Input) => readonly Transferable[]) | undefined,
): Transferable[] {
  return transferOf ? [...new Set(inputs.flatMap((input) => [...transferOf(input)]))] : [];
}

interface Sent<Input> {
  readonly batch: Batch<Input>;
  readonly result: RunResult;
}

/**
 * Results in the order of the batches. While the source lets wait, what is on the way comes; an error of the source comes
 * after the results of what it gave before.
 */
async function* inOrder<Input>(
  batches: AsyncGenerator<Batch<Input>>,
  send: (batch: Batch<Input>) => Promise<RunResult>,
): AsyncGenerator<Sent<Input>, void, void> {
  const onTheWay: Promise<Sent<Input>>[] = [];
  let failure: { readonly error: unknown } | null = null;
  const pull = (): Promise<Batch<Input> | null> =>
    batches.next().then(
      ({ done, value }) => (done === true ? null : value),
      (error: unknown) => {
        failure = { error };
        return null;
      },
    );
  let next: Promise<Batch<Input> | null> | null = pull();
  try {
    while (next !== null || onTheWay.length > 0) {
      const [first] = onTheWay;
      if (next !== null && onTheWay.length < mostOnTheWay && (await comesFirst(next, first))) {
        const batch: Batch<Input> | null = await next;
        next = batch === null ? null : pull();
        if (batch !== null) onTheWay.push(quietly(send(batch).then((result) => ({ batch, result }))));
      } else {
        yield await first!;
        void onTheWay.shift();
      }
    }
    if (failure !== null) throw (failure as { readonly error: unknown }).error;
  } finally {
    await batches.return(undefined);
  }
}

async function comesFirst(next: Promise<unknown>, other: Promise<unknown> | undefined): Promise<boolean> {
  if (other === undefined) return true;
  const sooner = other.then(
    () => false,
    () => false,
  );
  return Promise.race([next.then(() => true), sooner]);
}

/** A rejection is not unhandled while the results before it are taken. */
function quietly<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}
