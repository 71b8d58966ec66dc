// One batch through a task, whatever is wrong with some of its inputs: each gets its output or its error.

import { BackendFaultError, BackendUnavailableError, DeviceLostError, DisposedError } from "@saccade/attention-core";
import type { Batch } from "./batches.ts";
import { checkSets } from "./check-features.ts";
import { computeBatch, type ComputeOptions, type Runner } from "./compute-batch.ts";
import { InputError } from "./errors.ts";
import type { ModalityFeatures } from "./modality.ts";
import type { Explained } from "./pipeline.ts";

/** What an input came to. */
export type Outcome<Output> = Explained<Output> | InputError;

/** Errors that no input is to blame for. */
const unrelated = [BackendFaultError, BackendUnavailableError, DisposedError] as const;

/** After so many inputs in a row under which all backends were lost it is not the inputs' fault. */
const mostLosses = 3;

/**
 * An outcome for each input of `batch`, in order. Inputs that `featurize` refuses alone are left out; a batch that fails
 * later, by memory, by a lost device, in `decode` or with scores that are not finite, runs in halves, down to the input
 * that is to blame. Rejects when it is aborted or disposed, or when no backend is left.
 */
export async function runBatch<Input, Output>(
  runner: Runner<Input, Output>,
  batch: Batch<Input>,
  options: ComputeOptions,
): Promise<Outcome<Output>[]> {
  const outcomes: Outcome<Output>[] = [];
  let losses = 0;

  const runPart = async (places: readonly number[], features: ModalityFeatures, onShare: (share: number) => void) => {
    const inputs = places.map((place) => batch.inputs[place]!);
    try {
      const results = await computeBatch(runner, inputs, features, { ...options, onShare });
      places.forEach((place, i) => (outcomes[place] = results[i]!));
      losses = 0;
    } catch (error) {
      options.signal.throwIfAborted();
      if (unrelated.some((kind) => error instanceof kind)) throw error;
      if (places.length > 1) return runHalves(places, onShare);
      losses = error instanceof DeviceLostError ? losses + 1 : 0;
      if (losses === mostLosses) throw error;
      outcomes[places[0]!] = new InputError(runner.task, batch.first + places[0]!, error);
    }
  };
  const runHalves = async (places: readonly number[], onShare: (share: number) => void): Promise<void> => {
    const middle = Math.ceil(places.length / 2);
    for (const [half, before] of [
      [places.slice(0, middle), 0],
      [places.slice(middle), 0.5],
    ] as const) {
      const features = featurize(
        runner,
        half.map((place) => batch.inputs[place]!),
      );
      await runPart(half, features, (share) => onShare(before + share / 2));
    }
  };

  const { places, features } = featurizeThose(runner, batch, outcomes);
  if (features !== null) await runPart(places, features, options.onShare);
  return outcomes;
}

function featurize<Input, Output>(
  { task, processor }: Runner<Input, Output>,
  inputs: readonly Input[],
): ModalityFeatures {
  const features = processor.featurize(inputs);
  checkSets(task, features, inputs.length);
  return features;
}

/** Features of the inputs that have some; the errors of the others go to `outcomes`. */
function featurizeThose<Input, Output>(
  runner: Runner<Input, Output>,
  { inputs, first }: Batch<Input>,
  outcomes: Outcome<Output>[],
): { readonly places: readonly number[]; readonly features: ModalityFeatures | null } {
  const all = inputs.map((_, place) => place);
  try {
    return { places: all, features: featurize(runner, inputs) };
  } catch (error) {
    const places = all.filter((place) => {
      try {
        featurize(runner, [inputs[place]!]);
        return true;
      } catch (cause) {
        outcomes[place] = new InputError(runner.task, first + place, cause);
        return false;
      }
    });
    if (places.length === inputs.length) throw error;
    const taken = places.map((place) => inputs[place]!);
    return { places, features: taken.length > 0 ? featurize(runner, taken) : null };
  }
}
