import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { audioAt, checkAudio } from "./audio.ts";
import { createResampler, resample } from "./resample.ts";
import { sampleBuffer } from "./sample-buffer.ts";

describe("checkAudio()", () => {
  test.each([
    [new Float32Array(3), TypeError, /sample rate/],
    [null, TypeError, /samples in a Float32Array/],
    ["a.wav", TypeError, /samples in a Float32Array/],
    [{ samples: [0, 1], sampleRate: 8000 }, TypeError, /samples in a Float32Array/],
    [{ samples: new Float32Array(3) }, TypeError, /sampleRate/],
    [{ samples: new Float32Array(3), sampleRate: 0 }, RangeError, /from 1000 to 384000, it is 0/],
    [{ samples: new Float32Array(3), sampleRate: 8000.5 }, RangeError, /8000.5/],
    [{ samples: Float32Array.of(0, Number.NaN), sampleRate: 8000 }, RangeError, /number 1 is NaN/],
  ])("refuses %j", (input, kind, rule) => {
    expect(() => checkAudio(input)).toThrow(kind);
    expect(() => checkAudio(input)).toThrow(rule);
  });
});

const rate = fc.constantFrom(8000, 11_025, 16_000, 22_050, 44_100, 48_000);

describe("resample()", () => {
  test("gives ⌈samples · to / from⌉ samples, the same bits in chunks of any size", () => {
    fc.assert(
      fc.property(
        fc.float32Array({ maxLength: 800, min: -1, max: 1, noNaN: true }),
        rate,
        rate,
        fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 5 }),
        (samples, from, to, sizes) => {
          const whole = resample(samples, from, to);
          expect(whole.length).toBe(Math.ceil((samples.length * to) / from));
          const resampler = createResampler(from, to);
          const parts: number[] = [];
          for (let at = 0, n = 0; at < samples.length; n += 1) {
            const size = Math.max(n % 7 === 0 ? 1 : 0, sizes[n % sizes.length]!);
            parts.push(...resampler.push(samples.subarray(at, at + size)));
            at += size;
          }
          parts.push(...resampler.finish());
          expect(parts).toEqual(Array.from(whole));
        },
      ),
    );
  });

  test("keeps tones below the new edge, and removes those above it", () => {
    const tone = (hertz: number, at: number): Float32Array =>
      Float32Array.from({ length: at / 4 }, (_, i) => Math.sin((2 * Math.PI * hertz * i) / at));
    const inner = (samples: Float32Array): Float32Array => samples.subarray(200, -200);
    const kept = inner(resample(tone(1000, 44_100), 44_100, 8000));
    const expected = inner(tone(1000, 8000));
    expect(kept.every((value, i) => Math.abs(value - expected[i]!) < 1e-4)).toBe(true);
    expect(inner(resample(tone(5000, 44_100), 44_100, 8000)).every((value) => Math.abs(value) < 1e-4)).toBe(true);
  });

  test("audioAt() gives audio of that rate as it is", () => {
    const samples = Float32Array.of(0.1, 0.2);
    expect(audioAt({ samples, sampleRate: 8000 }, 8000)).toBe(samples);
    expect(audioAt({ samples, sampleRate: 8000 }, 16_000).length).toBe(4);
  });
});

test("sampleBuffer() holds what was appended and not dropped", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(1500), fc.nat(1500)), { maxLength: 30 }), (steps) => {
      const buffer = sampleBuffer();
      let [first, end] = [0, 0];
      for (const [more, less] of steps) {
        const from = end;
        buffer.append(Float32Array.from({ length: more }, (_, i) => from + i));
        end += more;
        first = Math.min(end, first + less);
        buffer.dropBefore(first);
        expect([buffer.first, buffer.end]).toEqual([first, end]);
        expect(Array.from(buffer.slice(first, end))).toEqual(Array.from({ length: end - first }, (_, i) => first + i));
        expect(buffer.view(first, end)).toEqual(buffer.slice(first, end));
      }
    }),
  );
});
