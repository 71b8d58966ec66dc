// What tasks on positions take: a recording, or an excerpt of one as a speech stream cuts it.

import type { Audio } from "../audio/audio.ts";
import type { Range } from "../model/clip-parts.ts";

/** Sound of a recording that is heard in parts, at the model's sample rate. Its output is of the positions `keep` alone. */
export interface AudioExcerpt extends Audio {
  readonly excerpt: {
    /** The frame of the recording with which `samples` begin. */
    readonly firstFrame: number;
    /** Whether the recording ends with these samples. */
    readonly isLast: boolean;
    /** Positions of the recording; what they see must be among the samples. */
    readonly keep: Range;
  };
}

/** A recording, or an excerpt of one. */
export type SpeechInput = Audio | AudioExcerpt;

/** The excerpt that `input` is; `null` for a recording. Throws `TypeError` for one that is neither. */
export function excerptOf(input: SpeechInput): AudioExcerpt["excerpt"] | null {
  if (!("excerpt" in input) || input.excerpt === undefined) return null;
  const { excerpt } = input as { readonly excerpt: Partial<AudioExcerpt["excerpt"]> | null };
  const numbers = [excerpt?.firstFrame, excerpt?.keep?.from, excerpt?.keep?.to];
  const isWhole = numbers.every((value) => Number.isSafeInteger(value) && (value as number) >= 0);
  if (!isWhole || typeof excerpt?.isLast !== "boolean" || numbers[1]! >= numbers[2]!) {
    throw new TypeError("Cannot read excerpt: it must be one that a speech stream made, it is another");
  }
  return excerpt as AudioExcerpt["excerpt"];
}
