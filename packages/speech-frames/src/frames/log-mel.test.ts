import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frameCount, logMel, type LogMelConfig, logMelExtractor } from "./log-mel.ts";
import { hzOfMel, melBands, melOfHz, warpHz } from "./mel-bands.ts";

const config: LogMelConfig = {
  sampleRate: 8000,
  windowMilliseconds: 25,
  hopMilliseconds: 10,
  bands: 20,
  lowestHz: 60,
  highestHz: 3800,
};
const samples = fc.float32Array({ maxLength: 900, min: -1, max: 1, noNaN: true });

describe("logMelExtractor()", () => {
  test("makes each frame of its own samples alone, whatever stands around them", () => {
    fc.assert(
      fc.property(samples, fc.nat(8), (sound, place) => {
        const whole = logMel(sound, config);
        const count = frameCount(sound.length, config);
        expect(whole.length).toBe(count * 20);
        const first = Math.min(place, count - 1);
        const later = logMel(sound.subarray(first * 80), config);
        expect(Array.from(whole.subarray(first * 20))).toEqual(Array.from(later));
      }),
    );
  });

  test("fills up what is shorter than a frame with zeros", () => {
    fc.assert(
      fc.property(fc.float32Array({ maxLength: 199, min: -1, max: 1, noNaN: true }), (sound) => {
        const padded = new Float32Array(200);
        padded.set(sound);
        expect(logMel(sound, config)).toEqual(logMel(padded, config));
      }),
    );
  });

  test("gives silence the logarithm of the floor", () => {
    const frames = logMel(new Float32Array(200), { ...config, floor: 1e-3 });
    for (const value of frames) expect(value).toBeCloseTo(Math.log(1e-3), 6);
  });

  test.each([
    ["sampleRate", { sampleRate: 0 }],
    ["windowMilliseconds", { windowMilliseconds: Number.NaN }],
    ["hopMilliseconds", { hopMilliseconds: -1 }],
    ["samples in a hop", { hopMilliseconds: 30 }],
    ["bands", { bands: 0 }],
    ["lowestHz and highestHz", { lowestHz: 4000 }],
    ["lowestHz and highestHz", { highestHz: 4001 }],
    ["floor", { floor: 0 }],
    ["band 1 of 400", { bands: 400 }],
  ])("refuses %s of %j", (field, change) => {
    expect(() => logMelExtractor({ ...config, ...change })).toThrow(field);
  });

  test("refuses samples that are no Float32Array, and a warp that is none", () => {
    expect(() => logMel([0, 1] as unknown as Float32Array, config)).toThrow(TypeError);
    expect(() => logMelExtractor(config, { warp: 0 })).toThrow(/warp/);
  });
});

describe("mel bands", () => {
  test("melOfHz() and hzOfMel() are each other's inverse, 1000 mel about 1000 Hz", () => {
    expect(melOfHz(1000)).toBeCloseTo(1000, 0);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 24_000, noNaN: true }), (hz) => {
        expect(hzOfMel(melOfHz(hz))).toBeCloseTo(hz, 6);
      }),
    );
  });

  test("two bands beside each other add up to 1 between their peaks", () => {
    const bands = melBands({ sampleRate: 8000, fftSize: 1024, bands: 10, lowestHz: 100, highestHz: 3900, warp: 1 });
    const sums = new Float64Array(513);
    for (const { first, weights } of bands) weights.forEach((weight, i) => (sums[first + i]! += weight));
    const inner = sums.subarray(bands[1]!.first, bands[8]!.first + bands[8]!.weights.length);
    for (const sum of inner) expect(sum).toBeCloseTo(1, 9);
  });

  test("warpHz() is an ascending map onto the same range, a factor below the knee", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.7, max: 1.4, noNaN: true }), (warp) => {
        const hz = Array.from({ length: 401 }, (_, i) => warpHz(i * 10, warp, 3800, 8000));
        expect(hz[0]).toBe(0);
        expect(hz.at(-1)).toBeCloseTo(4000, 6);
        hz.slice(1).forEach((value, i) => expect(value).toBeGreaterThan(hz[i]!));
        expect(hz[100]).toBeCloseTo(1000 * warp, 6);
      }),
    );
  });

  test("a warp of 1 changes nothing, and another one moves a tone to another band", () => {
    const tone = Float32Array.from({ length: 200 }, (_, i) => Math.sin((2 * Math.PI * 1500 * i) / 8000));
    const loudest = (warp: number): number => {
      const frames = logMelExtractor(config, { warp })(tone);
      return frames.indexOf(Math.max(...frames));
    };
    expect(logMelExtractor(config, { warp: 1 })(tone)).toEqual(logMel(tone, config));
    expect(loudest(0.8)).toBeGreaterThan(loudest(1));
    expect(loudest(1.2)).toBeLessThan(loudest(1));
  });
});
