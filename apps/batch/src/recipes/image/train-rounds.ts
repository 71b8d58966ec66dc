// Training in several rounds: each begins from the weights of the one before, with new moments and averages and a rate of its
// own (Loshchilov and Hutter 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts"). What a round has come to is in a
// checkpoint of its own, so that a round can be added to a training that is done.

import {
  type ImageSettings,
  type ImageSource,
  type ImageTraining,
  type TrainedImages,
  trainImages,
} from "./train-images.ts";

/** Between the first epochs of rounds, as sources of images count them, and between their seeds. */
const roundStep = 1000;

/** The same for all rounds. */
export type RoundsTraining = Omit<ImageTraining, "settings" | "start"> & {
  /** Instead of the number of each round. */
  readonly epochs: number | undefined;
};

/**
 * What the last of `rounds` comes to. Rounds after the first are named `name-2` and so on, and have other orders of images
 * and other changes of them. Rejects as `fit` does.
 */
export async function trainRounds(
  { epochs, ...training }: RoundsTraining,
  rounds: readonly [ImageSettings, ...ImageSettings[]],
): Promise<TrainedImages> {
  const [first, ...others] = rounds;
  const settingsOf = (settings: ImageSettings): ImageSettings => ({ ...settings, epochs: epochs ?? settings.epochs });
  let trained = await trainImages({ ...training, settings: settingsOf(first) });
  for (const [i, settings] of others.entries()) {
    trained = await trainImages({
      ...training,
      name: `${training.name}-${i + 2}`,
      train: laterEpochs(training.train, roundStep * (i + 1)),
      start: trained.weights,
      settings: settingsOf(settings),
      seed: training.seed + roundStep * (i + 1),
    });
  }
  return trained;
}

function laterEpochs(source: ImageSource, by: number): ImageSource {
  return {
    count: source.count,
    batch: (numbers, noise) => source.batch(numbers, noise && { ...noise, epoch: noise.epoch + by }),
  };
}
