// Recordings that a file of labels names: a line for each, columns between tabs that the first line names, `file` among
// them. A name alone is that of a file in the folder `recordings` beside it, a path goes from the folder that it is in.

import { type Audio, audioAt, AudioFormatError, readWav } from "@saccade/speech-frames";
import { DataFormatError, type LabelledText, readLabelledTexts } from "@saccade/text-tokens";

/** A recording of one spoken digit. */
export interface Recording {
  readonly file: string;
  /** 0 to 9. */
  readonly digit: number;
  readonly speaker: string;
  /** Of one channel, between -1 and 1, at the rate that was asked for. */
  readonly samples: Float32Array;
}

/** A labelled file of which nothing was read yet. */
export interface LabelledRecording {
  /** From the folder of the file of labels. */
  readonly path: string;
  readonly label: string;
}

/** What data of spoken digits is. */
export const fileOfRecordings =
  "columns file, digit and speaker between tabs, named in the first line, and the WAV files in a folder recordings beside it";

/** The recordings that `text` names, with their labels in `column`. Throws `DataFormatError` for a file of another format. */
export function labelledRecordings(text: string, column: string): LabelledRecording[] {
  return readLabelledTexts(text, { text: "file", label: column }).map(({ text: file, label }) => ({
    path: pathOf(file),
    label,
  }));
}

/**
 * The recordings that `text` names, which `bytes` reads by path, at `sampleRate`. Throws `DataFormatError` where it has no
 * columns file, digit and speaker or a digit is none, and what reading a WAV file throws.
 */
export function readRecordings(text: string, bytes: (path: string) => Uint8Array, sampleRate: number): Recording[] {
  const speakers = readLabelledTexts(text, { text: "file", label: "speaker" });
  return readLabelledTexts(text, { text: "file", label: "digit" }).map((row, n) => ({
    file: row.text,
    digit: digitOf(row),
    speaker: speakers[n]!.label,
    samples: audioAt(readRecording(pathOf(row.text), bytes), sampleRate),
  }));
}

/** The audio of the WAV file at `path`. Throws `AudioFormatError` that names it if it is none. */
export function readRecording(path: string, bytes: (path: string) => Uint8Array): Audio {
  try {
    return readWav(bytes(path));
  } catch (error) {
    if (!(error instanceof AudioFormatError)) throw error;
    throw new AudioFormatError(`Cannot read ${path}: ${error.message}`, { cause: error });
  }
}

function pathOf(file: string): string {
  return file.includes("/") ? file : `recordings/${file}`;
}

function digitOf({ label, line }: LabelledText): number {
  if (/^\d$/.test(label)) return Number(label);
  throw new DataFormatError(`Cannot read recordings: line ${line} must have a digit, it has ${label}`, line);
}
