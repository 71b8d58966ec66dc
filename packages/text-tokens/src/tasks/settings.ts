import type { WindowSettings } from "../windows/windows.ts";

/** Settings of every task on text. */
export interface TextSettings extends WindowSettings {
  /** What ends a sentence whatever stands before it: a blank line, or every line end. */
  readonly paragraphs: "blank-lines" | "lines";
}

/** Sets of up to 512 words stay whole; each word of longer ones is seen with at least 64 to either side. */
export const textSettings: TextSettings = { longest: 512, overlap: 128, paragraphs: "blank-lines" };
