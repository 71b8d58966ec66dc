// Records about sound: the path of a WAV file, as a line, a JSON string, or an object with `file`; or an object with
// `samples` and `sampleRate`.

import { readFile } from "node:fs/promises";
import { type Audio, readWav } from "@saccade/speech-frames";

/** The audio of a record. Rejects with `TypeError` if it has none, and with what reading its file throws. */
export async function audioOf(record: unknown): Promise<Audio> {
  const found = fileOrSamples(record);
  if (typeof found !== "string") return found;
  let bytes: Uint8Array;
  try {
    bytes = await readFile(found);
  } catch (cause) {
    throw new Error(`Cannot read ${found}: it must be a file that can be read; ${(cause as Error).message}`, { cause });
  }
  return readWav(bytes);
}

function fileOrSamples(record: unknown): string | Audio {
  if (typeof record === "string" && record.trim() !== "") return record.trim();
  if (typeof record === "object" && record !== null && !Array.isArray(record)) {
    const { file, samples, sampleRate } = record as Readonly<Record<string, unknown>>;
    if (typeof file === "string" && samples === undefined) return file;
    if (file === undefined && Array.isArray(samples) && typeof sampleRate === "number") {
      if (samples.every((sample) => typeof sample === "number"))
        return { samples: Float32Array.from(samples), sampleRate };
    }
  }
  throw new TypeError(
    'Cannot read record: it must be the path of a WAV file, or an object with "file", a string, or with "samples", numbers, and "sampleRate", one; it is none of them',
  );
}
