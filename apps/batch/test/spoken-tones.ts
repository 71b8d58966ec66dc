// Made-up recordings in the place of spoken digits: a tone for each digit, a little apart for each speaker, as WAV files
// and the lines that name them.

import { randomStream } from "@saccade/attention-core";
import type { DataFile } from "../src/records/data-file.ts";

const telephone = 8000;

/** A folder of recordings: `take` tells those of training and of development apart. */
export function spokenTones(takes: readonly number[]): {
  readonly tsv: string;
  readonly files: Map<string, Uint8Array>;
} {
  const files = new Map<string, Uint8Array>();
  const lines = ["file\tdigit\tspeaker"];
  for (const speaker of ["ada", "bob"]) {
    for (let digit = 0; digit < 10; digit += 1) {
      for (const take of takes) {
        const name = `${digit}_${speaker}_${take}.wav`;
        files.set(`recordings/${name}`, wav(tone(digit, speaker === "ada" ? 1 : 1.1, take)));
        lines.push(`${name}\t${digit}\t${speaker}`);
      }
    }
  }
  return { tsv: `${lines.join("\n")}\n`, files };
}

/** The file of labels `name`, its recordings beside it. */
export function tonesFile(name: string, { tsv, files }: ReturnType<typeof spokenTones>): DataFile {
  const fileAt = (path: string, bytes: () => Uint8Array): DataFile => ({
    name: path,
    text: () => new TextDecoder().decode(bytes()),
    bytes,
    beside: (other) => fileAt(other, () => files.get(other)!),
  });
  return fileAt(name, () => new TextEncoder().encode(tsv));
}

function tone(digit: number, voice: number, take: number): Float32Array {
  const random = randomStream(take, `${digit} ${voice}`);
  const hz = 250 * 1.3 ** digit * voice * (0.98 + 0.04 * random.uniform());
  const length = 1600 + Math.floor(400 * random.uniform());
  // Silence around it: what is always there, normalisation takes away.
  return Float32Array.from({ length }, (_, i) => {
    const isHeard = i > 0.3 * length && i < 0.7 * length;
    return (isHeard ? 0.2 * Math.sin((2 * Math.PI * hz * i) / telephone) : 0) + 0.01 * (random.uniform() - 0.5);
  });
}

/** A WAV file of one channel in 16 bits. */
export function wav(samples: Float32Array, sampleRate = telephone): Uint8Array {
  const bytes = new Uint8Array(44 + 2 * samples.length);
  const view = new DataView(bytes.buffer);
  const text = (at: number, value: string): void => bytes.set(new TextEncoder().encode(value), at);
  text(0, "RIFF");
  view.setUint32(4, bytes.length - 8, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, 2 * sampleRate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, 2 * samples.length, true);
  samples.forEach((value, i) => view.setInt16(44 + 2 * i, Math.round(32767 * value), true));
  return bytes;
}
