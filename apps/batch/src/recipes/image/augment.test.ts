import { randomStream } from "@saccade/attention-core";
import { expect, test } from "vitest";
import { augmentImage, type ImageChanges, isMirrored } from "./augment.ts";

const shape = { rows: 3, columns: 4, channels: 2 };
const source = Float32Array.from({ length: 2 * 24 }, (_, i) => i);
const unchanged: ImageChanges = { mirrored: false, shift: 0, erase: 0 };

function augmented(changes: Partial<ImageChanges>, seed = 1): Float32Array {
  const target = new Float32Array(24 + 1).fill(-9);
  augmentImage(source, 24, target, 1, shape, [100, 200], { ...unchanged, ...changes }, randomStream(seed));
  expect(target[0]).toBe(-9);
  return target.slice(1);
}

test("augmentImage() that changes nothing copies the image", () => {
  expect(augmented({})).toEqual(source.slice(24));
});

test("augmentImage() mirrors each row, the channels of a pixel together", () => {
  expect(augmented({ mirrored: true }).slice(0, 8)).toEqual(Float32Array.of(30, 31, 28, 29, 26, 27, 24, 25));
});

test("augmentImage() shifts within its bounds, black coming in from outside", () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 200; seed += 1) {
    const found = augmented({ shift: 1 }, seed);
    const shifts = [-1, 0, 1].flatMap((down) => [-1, 0, 1].map((right) => ({ down, right })));
    const matching = shifts.filter(({ down, right }) =>
      found.every((value, i) => {
        const [row, column, channel] = [Math.floor(i / 8) - down, (Math.floor(i / 2) % 4) - right, i % 2];
        const inside = row >= 0 && row < 3 && column >= 0 && column < 4;
        return value === (inside ? source[24 + row * 8 + column * 2 + channel]! : 100 * (channel + 1));
      }),
    );
    expect(matching.length).toBe(1);
    seen.add(JSON.stringify(matching[0]));
  }
  expect(seen.size).toBe(9);
});

test("augmentImage() erases one rectangle and leaves the rest", () => {
  const large = { rows: 20, columns: 20, channels: 1 };
  const ones = new Float32Array(400).fill(50);
  for (let seed = 0; seed < 30; seed += 1) {
    const target = new Float32Array(400);
    augmentImage(ones, 0, target, 0, large, [0], { ...unchanged, erase: 1 }, randomStream(seed));
    const erased = [...target.keys()].filter((i) => target[i] !== 50);
    const rows = new Set(erased.map((i) => Math.floor(i / 20)));
    const columns = new Set(erased.map((i) => i % 20));
    expect(erased.length).toBe(rows.size * columns.size);
    expect(erased.length).toBeGreaterThan(2);
    expect(erased.length).toBeLessThan(120);
  }
});

test("isMirrored() turns half of the images, and the other half in the next epoch", () => {
  const first = Array.from({ length: 1000 }, (_, n) => isMirrored(n, 4));
  expect(Array.from({ length: 1000 }, (_, n) => isMirrored(n, 5))).toEqual(first.map((each) => !each));
  expect(first.filter(Boolean).length).toBeGreaterThan(450);
  expect(first.filter(Boolean).length).toBeLessThan(550);
});
