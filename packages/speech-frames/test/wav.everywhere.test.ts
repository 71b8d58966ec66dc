import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AudioFormatError, readWav } from "../src/index.ts";
import { dataChunk, formatChunk, type WavChunk, wavBytes, type WavLayout } from "./wav-bytes.ts";

const plain: WavLayout = { encoding: "integers", bits: 16, channels: 1, sampleRate: 8000, isExtensible: false };

const layouts = fc
  .record({
    kind: fc.constantFrom(
      ...[8, 16, 24, 32].map((bits) => ({ encoding: "integers", bits }) as const),
      ...[32, 64].map((bits) => ({ encoding: "floats", bits }) as const),
    ),
    channels: fc.integer({ min: 1, max: 9 }),
    sampleRate: fc.integer({ min: 8000, max: 48_000 }),
    isExtensible: fc.boolean(),
  })
  .map(({ kind, ...rest }): WavLayout => ({ ...kind, ...rest }));

const sample = fc.double({ min: -1, max: 1, noNaN: true });

describe("readWav()", () => {
  test("gives the mean of the channels of what was written, whatever bits, channels, rate and chunks", () => {
    fc.assert(
      fc.property(
        layouts.chain((layout) =>
          fc.record({
            layout: fc.constant(layout),
            samples: fc.array(fc.array(sample, { minLength: layout.channels, maxLength: layout.channels }), {
              maxLength: 20,
            }),
          }),
        ),
        fc.uint8Array({ maxLength: 9 }),
        ({ layout, samples }, junk) => {
          const chunks = [{ id: "LIST", bytes: junk }, formatChunk(layout), { id: "fact", bytes: junk }];
          const bytes = wavBytes([...chunks, dataChunk(layout, samples), { id: "id3 ", bytes: junk }]);
          const audio = readWav(bytes);
          expect(audio.sampleRate).toBe(layout.sampleRate);
          expect(audio.samples.length).toBe(samples.length);
          // 1 is one step beyond the largest integer.
          const step = layout.encoding === "integers" ? 2 ** (1 - layout.bits) : 0;
          samples.forEach((channels, i) => {
            const mean = channels.reduce((sum, value) => sum + value, 0) / layout.channels;
            expect(Math.abs(audio.samples[i]! - mean)).toBeLessThan(step + 1e-7);
          });
        },
      ),
      { numRuns: 200 },
    );
  });

  test("keeps the values of integers exactly", () => {
    for (const bits of [8, 16, 24]) {
      const layout = { ...plain, bits };
      const values = [-1, -0.5, 0, 0.5, 1 - 2 ** (1 - bits), 2 ** (1 - bits)];
      const bytes = wavBytes([
        formatChunk(layout),
        dataChunk(
          layout,
          values.map((value) => [value]),
        ),
      ]);
      expect(Array.from(readWav(bytes).samples)).toEqual(values);
    }
  });

  test("reads a view into a larger buffer, and data of unknown size to the end of the file", () => {
    const data = { ...dataChunk(plain, [[0.5], [-0.25]]), size: 0xffff_ffff };
    const bytes = wavBytes([formatChunk(plain), data]);
    const larger = new Uint8Array(bytes.length + 7);
    larger.set(bytes, 3);
    expect(Array.from(readWav(larger.subarray(3, 3 + bytes.length)).samples)).toEqual([0.5, -0.25]);
  });
});

/** The fmt chunk with some of its numbers overwritten. */
function changed(changes: Readonly<Record<number, number>>, layout: WavLayout = plain): WavChunk {
  const { id, bytes } = formatChunk(layout);
  for (const [at, value] of Object.entries(changes)) new DataView(bytes.buffer).setUint16(Number(at), value, true);
  return { id, bytes };
}

const data = dataChunk(plain, [[0.5], [0.25], [0], [0]]);
const whole = wavBytes([formatChunk(plain), data]);
const extensible = { ...plain, isExtensible: true };
const floats: WavLayout = { ...plain, encoding: "floats", bits: 32 };

/** None of a file that is refused as one. */
function samplesOrNone(bytes: Uint8Array): Float32Array {
  try {
    return readWav(bytes).samples;
  } catch (error) {
    if (error instanceof AudioFormatError) return new Float32Array(0);
    throw error;
  }
}

const malformed: readonly (readonly [name: string, bytes: Uint8Array, rule: RegExp])[] = [
  ["nothing", new Uint8Array(0), /12 bytes/],
  ["another file", new TextEncoder().encode("<!doctype html><html></html>"), /RIFF/],
  ["big-endian RIFX", wavBytes([formatChunk(plain), data], "RIFX"), /RIFX/],
  ["RF64", wavBytes([formatChunk(plain), data], "RF64"), /RF64/],
  ["AVI", wavBytes([formatChunk(plain), data], "RIFF", "AVI "), /AVI/],
  ["fmt of size 0", wavBytes([{ id: "fmt ", bytes: new Uint8Array(0) }, data]), /16 bytes or more, it has 0/],
  ["fmt of size 14", wavBytes([{ id: "fmt ", bytes: formatChunk(plain).bytes.slice(0, 14) }, data]), /it has 14/],
  ["fmt of size 15", wavBytes([{ id: "fmt ", bytes: formatChunk(plain).bytes.slice(0, 15) }, data]), /it has 15/],
  ["fmt of size 2³² - 1", wavBytes([{ ...formatChunk(plain), size: 0xffff_ffff }, data]), /"fmt " must have/],
  ["0 channels", wavBytes([changed({ 2: 0, 12: 0 }), data]), /channels must be 1 or more/],
  ["65,535 channels", wavBytes([changed({ 2: 65_535 }), data]), /a block must be 65535 channels/],
  ...[0, 1, 12, 33, 65_535].map(
    (bits) => [`${bits} bits`, wavBytes([changed({ 14: bits }), data]), /integers must have 8, 16, 24, 32/] as const,
  ),
  ["floats of 16 bits", wavBytes([changed({ 0: 3 }), data]), /floats must have 32, 64/],
  ["a block that disagrees", wavBytes([changed({ 12: 4 }), data]), /it is 4/],
  ["a block of 0", wavBytes([changed({ 12: 0 }), data]), /it is 0/],
  ["a sample rate of 0", wavBytes([changed({ 4: 0 }), data]), /sampleRate/],
  ["ADPCM", wavBytes([changed({ 0: 2 }), data]), /their format is 2/],
  ["IMA ADPCM", wavBytes([changed({ 0: 17 }), data]), /their format is 17/],
  ["A-law", wavBytes([changed({ 0: 6 }), data]), /their format is 6/],
  ["MP3 in WAV", wavBytes([changed({ 0: 85 }), data]), /their format is 85/],
  ["data before fmt", wavBytes([data, formatChunk(plain)]), /before data/],
  ["no fmt", wavBytes([{ id: "LIST", bytes: new Uint8Array(4) }]), /must have a fmt chunk/],
  ["no data", wavBytes([formatChunk(plain)]), /must have a data chunk/],
  ["two data chunks", wavBytes([formatChunk(plain), data, data]), /one data chunk/],
  ["two fmt chunks", wavBytes([formatChunk(plain), formatChunk(plain), data]), /one fmt chunk/],
  [
    "a chunk of 2³² - 1",
    wavBytes([formatChunk(plain), { id: "junk", bytes: new Uint8Array(4), size: 0xffff_ffff }, data]),
    /"junk"/,
  ],
  ["data cut short", whole.slice(0, -3), /"data" must have its 8 bytes, 5 are there/],
  ["half a block", wavBytes([formatChunk(plain), { id: "data", bytes: new Uint8Array(3) }]), /whole blocks of 2/],
  ["an extensible fmt that is short", wavBytes([changed({ 0: 0xfffe }), data]), /40 bytes/],
  ["another GUID", wavBytes([changed({ 30: 7 }, extensible), data]), /GUID/],
  ["an extensible tag that is not known", wavBytes([changed({ 24: 6 }, extensible), data]), /their format is 6/],
  ["NaN", wavBytes([formatChunk(floats), dataChunk(floats, [[0], [Number.NaN]])]), /number 1 is NaN/],
  ["infinity", wavBytes([formatChunk(floats), dataChunk(floats, [[-Infinity]])]), /number 0 is -Infinity/],
];

describe("readWav() refuses", () => {
  test.each(malformed)("%s", (_, bytes, rule) => {
    expect(() => readWav(bytes)).toThrow(AudioFormatError);
    expect(() => readWav(bytes)).toThrow(rule);
  });

  test("every other file of any bytes, or reads it: soon, and with no other error", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 6 }),
        fc.nat(whole.length),
        (changes, end) => {
          const bytes = whole.slice(0, end);
          for (const [at, value] of changes) if (at < end) bytes[at] = value;
          const samples = samplesOrNone(bytes);
          expect(samples.length).toBeLessThanOrEqual(bytes.length);
          expect(samples.every(Number.isFinite)).toBe(true);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test("a list inside that claims more than it has: it is not looked into", () => {
    const list = new Uint8Array(12);
    list.set(new TextEncoder().encode("INFOISFT"));
    new DataView(list.buffer).setUint32(8, 0xffff_fff0, true);
    expect(readWav(wavBytes([formatChunk(plain), { id: "LIST", bytes: list }, data])).samples.length).toBe(4);
  });

  test("what is no bytes", () => {
    expect(() => readWav("RIFF" as unknown as Uint8Array)).toThrow(TypeError);
  });
});
