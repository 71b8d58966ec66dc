// The Free Spoken Digit Dataset, as its files of labels name it.

import { type Recording, readRecordings } from "../../tasks/speech/recordings.ts";
import type { Recipe, RecipeRun } from "../recipe.ts";
import { telephoneFrames } from "./speech-network.ts";

export const trainFile = "train.tsv";
export const devFile = "dev.tsv";

/** Its recordings, to learn from and to measure by. Throws as `readRecordings` does. */
export function readFsdd({ read, bytes }: Pick<RecipeRun, "read" | "bytes">): [train: Recording[], dev: Recording[]] {
  const recordings = (file: string): Recording[] => readRecordings(read(file), bytes, telephoneFrames.sampleRate);
  return [recordings(trainFile), recordings(devFile)];
}

/** The card of a model that learned from it. */
export function fsddCard(title: string, about: readonly string[]): Recipe["card"] {
  return {
    title,
    licence: "CC BY-SA 4.0",
    about: [
      ...about,
      "Trained on the Free Spoken Digit Dataset (Zohar Jackson, César Souza, Jason Flaks, Yuxin Pan, Hereman Nicolas and Adhish Thite, github.com/Jakobovski/free-spoken-digit-dataset, CC BY-SA 4.0): recordings 10 to 49 of each digit and speaker; 5 to 9 are the development part. The licence is share-alike, so the weights are under CC BY-SA 4.0 too.",
    ],
  };
}
