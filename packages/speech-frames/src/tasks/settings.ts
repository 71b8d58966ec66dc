import { checkInteger } from "@saccade/attention-core";

/** Settings of tasks on positions. */
export interface LongAudioSettings {
  /**
   * A recording of more positions is heard in parts of so many, each with what it sees beside them, if the model allows
   * it: with a window, without normalisation over the whole clip. Results are the same.
   */
  readonly longest: number;
}

/** Some minutes. */
export const longAudioSettings: LongAudioSettings = { longest: 4096 };

/** Throws unless `settings` are such. */
export function checkLongAudioSettings(task: string, { longest }: LongAudioSettings): void {
  checkInteger(task, "longest", longest, 1, 2 ** 31 - 1);
}
