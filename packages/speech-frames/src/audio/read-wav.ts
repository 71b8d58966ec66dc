// WAV files: RIFF chunks, of which "fmt " says what "data" holds. Files come from anywhere, so that every number is held
// against the bytes that are there before it is used. (IBM and Microsoft, Multimedia Programming Interface and Data
// Specifications 1.0, 1991; Microsoft, Multiple channel audio data and WAVE files, for WAVE_FORMAT_EXTENSIBLE.)

import { type Audio, sampleRates } from "./audio.ts";
import { AudioFormatError } from "./audio-format-error.ts";
import { readSample, type SampleKind } from "./wav-samples.ts";

/** What "fmt " says. */
interface WavFormat {
  readonly kind: SampleKind;
  readonly channels: number;
  readonly sampleRate: number;
}

interface Chunk {
  readonly id: string;
  readonly start: number;
  readonly size: number;
}

/**
 * The audio of a WAV file, its channels averaged to one: integers of 8, 16, 24 or 32 bits, or floats of 32 or 64, plain or
 * as WAVE_FORMAT_EXTENSIBLE. Integers are divided by 2^(bits - 1). Data whose size is given as 2³² - 1, as writers to a pipe
 * leave it, reach to the end of the file. Throws `AudioFormatError` for anything else: compressed data, a file that is cut
 * short, chunks that disagree, samples that are not finite.
 *
 * @example
 * const { samples, sampleRate } = readWav(await file.bytes());
 */
export function readWav(bytes: Uint8Array): Audio {
  if (!(bytes instanceof Uint8Array)) throw new TypeError("Cannot read WAV: it must be a Uint8Array, it is not");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { format, data } = findChunks(view);
  const { kind, channels, sampleRate } = readFormat(view, format);
  const block = channels * kind.bytes;
  if (data.size % block !== 0) {
    refuse(`data must be whole blocks of ${block} bytes, they are ${data.size} bytes`);
  }
  const samples = new Float32Array(data.size / block);
  for (let i = 0, at = data.start; i < samples.length; i += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1, at += kind.bytes) sum += readSample(view, at, kind);
    samples[i] = sum / channels;
    if (!Number.isFinite(samples[i])) refuse(`samples must be finite, number ${i} is ${sum / channels}`);
  }
  return { samples, sampleRate };
}

function findChunks(view: DataView): { readonly format: Chunk; readonly data: Chunk } {
  if (view.byteLength < 12) refuse(`it must begin with 12 bytes of RIFF and WAVE, it has ${view.byteLength} bytes`);
  const [container, form] = [textAt(view, 0), textAt(view, 8)];
  if (container !== "RIFF" || form !== "WAVE") {
    refuse(`it must begin with RIFF and WAVE, it begins with ${JSON.stringify(container)} and ${JSON.stringify(form)}`);
  }
  let format: Chunk | undefined;
  let data: Chunk | undefined;
  for (let at = 12; at + 8 <= view.byteLength;) {
    const chunk = chunkAt(view, at);
    if (chunk.id === "fmt ") {
      if (format) refuse("it must have one fmt chunk, it has another");
      format = chunk;
    } else if (chunk.id === "data") {
      if (!format) refuse("fmt must come before data, it does not");
      if (data) refuse("it must have one data chunk, it has another");
      data = chunk;
    }
    // Chunks begin at even places.
    at = chunk.start + chunk.size + (chunk.size % 2);
  }
  return {
    format: format ?? refuse("it must have a fmt chunk, it has none"),
    data: data ?? refuse("it must have a data chunk, it has none"),
  };
}

/** The chunk at `at`, which lies within the file. */
function chunkAt(view: DataView, at: number): Chunk {
  const id = textAt(view, at);
  const start = at + 8;
  const there = view.byteLength - start;
  const size = view.getUint32(at + 4, true);
  if (id === "data" && size === unknownSize) return { id, start, size: there };
  if (size > there) refuse(`chunk ${JSON.stringify(id)} must have its ${size} bytes, ${there} are there`);
  return { id, start, size };
}

function readFormat(view: DataView, { start, size }: Chunk): WavFormat {
  if (size < 16) refuse(`fmt must have 16 bytes or more, it has ${size}`);
  const tag = view.getUint16(start, true);
  const isExtensible = tag === tags.extensible;
  if (isExtensible && size < 40) refuse(`an extensible fmt must have 40 bytes or more, it has ${size}`);
  const [encoding, bits] = [isExtensible ? subformatOf(view, start + 24) : tag, view.getUint16(start + 14, true)];
  const [channels, sampleRate] = [view.getUint16(start + 2, true), view.getUint32(start + 4, true)];
  if (encoding !== tags.integers && encoding !== tags.floats) {
    refuse(`samples must be integers (1) or floats (3), their format is ${encoding}`);
  }
  const isFloat = encoding === tags.floats;
  const allowed = isFloat ? [32, 64] : [8, 16, 24, 32];
  if (!allowed.includes(bits)) {
    refuse(`${isFloat ? "floats" : "integers"} must have ${allowed.join(", ")} bits, they have ${bits}`);
  }
  if (channels === 0) refuse("channels must be 1 or more, they are 0");
  const { least, most } = sampleRates;
  if (sampleRate < least || sampleRate > most) refuse(`sampleRate must be ${least} to ${most}, it is ${sampleRate}`);
  const block = view.getUint16(start + 12, true);
  if (block !== (channels * bits) / 8) {
    refuse(`a block must be ${channels} channels of ${bits} bits, ${(channels * bits) / 8} bytes, it is ${block}`);
  }
  return { kind: { isFloat, bytes: bits / 8 }, channels, sampleRate };
}

/** The tag in a GUID of the form that tags have; another GUID is no format that is known here. */
function subformatOf(view: DataView, at: number): number {
  const isTag = guidRest.every((byte, i) => view.getUint8(at + 2 + i) === byte);
  return isTag
    ? view.getUint16(at, true)
    : refuse("the GUID of an extensible fmt must be that of a tag, it is another");
}

function textAt(view: DataView, at: number): string {
  return String.fromCharCode(...Array.from({ length: 4 }, (_, i) => view.getUint8(at + i)));
}

function refuse(rule: string): never {
  throw new AudioFormatError(`Cannot read WAV: ${rule}`);
}

const tags = { integers: 1, floats: 3, extensible: 0xfffe } as const;
const unknownSize = 0xffff_ffff;
/** xxxx0000-0000-0010-8000-00AA00389B71, as it is stored, after the tag. */
const guidRest: readonly number[] = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];
