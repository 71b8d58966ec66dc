// Recordings with a label for each moment: a line of JSON for each, `id`, whose recording is `id`.wav beside the file, and
// `phones` as [start, end, label] in seconds.

import { audioAt } from "@saccade/speech-frames";
import { DataFormatError } from "@saccade/text-tokens";
import { readRecording } from "../../tasks/speech/recordings.ts";
import type { RecipeRun } from "../recipe.ts";

/** A recording and what is said when. */
export interface AlignedRecording {
  readonly samples: Float32Array;
  /** In seconds, one after another. */
  readonly phones: readonly { readonly start: number; readonly end: number; readonly label: string }[];
}

/** What stands for no phone: silence, a pause, noise. */
const silences = new Set(["sil", "sp", "spn", ""]);

/**
 * The recordings of `file` at `sampleRate`, phones without their stress, what is none as "silence". Throws
 * `DataFormatError` with the line that is not as it should be, and what reading a WAV file throws.
 */
export function readAlignments(
  { read, bytes }: Pick<RecipeRun, "read" | "bytes">,
  file: string,
  sampleRate: number,
): AlignedRecording[] {
  return read(file)
    .split("\n")
    .flatMap((text, n) => {
      if (text.trim() === "") return [];
      const { id, phones } = parseLine(text, n + 1);
      return [
        {
          samples: audioAt(readRecording(`${id}.wav`, bytes), sampleRate),
          phones: phones.map(([start, end, label]) => ({ start, end, label: phoneOf(label) })),
        },
      ];
    });
}

/** The label of the phones at each of `count` moments, `step` seconds apart from `first` on; "silence" where there is none. */
export function phonesAt(
  { phones }: Pick<AlignedRecording, "phones">,
  count: number,
  first: number,
  step: number,
): string[] {
  const labels = Array.from({ length: count }, () => "silence");
  for (const { start, end, label } of phones) {
    const from = Math.max(0, Math.ceil((start - first) / step));
    const to = Math.min(count, Math.ceil((end - first) / step));
    if (to > from) labels.fill(label, from, to);
  }
  return labels;
}

function phoneOf(label: string): string {
  return silences.has(label) ? "silence" : label.replace(/\d$/, "");
}

interface AlignmentLine {
  readonly id: string;
  readonly phones: readonly (readonly [start: number, end: number, label: string])[];
}

function parseLine(text: string, line: number): AlignmentLine {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DataFormatError(`Cannot read alignments: line ${line} must be JSON, it is not`, line, { cause });
  }
  const { id, phones } = (typeof value === "object" && value !== null ? value : {}) as Partial<AlignmentLine>;
  const isPhone = (phone: unknown): boolean =>
    Array.isArray(phone) && Number.isFinite(phone[0]) && Number.isFinite(phone[1]) && typeof phone[2] === "string";
  if (typeof id === "string" && Array.isArray(phones) && phones.every((phone) => isPhone(phone))) return { id, phones };
  throw new DataFormatError(
    `Cannot read alignments: line ${line} must have an id and phones of [start, end, label], it has not`,
    line,
  );
}
