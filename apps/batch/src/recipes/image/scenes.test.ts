import fc from "fast-check";
import { expect, test } from "vitest";
import type { LabelledImages } from "../../records/labelled-images.ts";
import { paintScene, planScenes, sceneCount } from "./scenes.ts";

const settings = { side: 16, patch: 4 };
/** Two images of 4 × 4: the first full, of class 1; the second has its left column alone, of class 2. */
const images: LabelledImages = {
  pixels: Uint8Array.from({ length: 32 }, (_, i) => (i < 16 || i % 4 === 0 ? 100 + i : 0)),
  rows: 4,
  columns: 4,
  channels: 1,
  labels: Uint8Array.of(1, 2),
};
const piece = { mirrored: false };
const none = 3;

test("planScenes() puts every image into one scene, one to four a scene, inside the canvas", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 60 }), fc.integer(), (count, seed) => {
      const scenes = planScenes(count, 4, settings, seed, "x", true);
      expect(scenes.length).toBe(sceneCount(count));
      scenes.forEach(({ pieces }, n) => expect(pieces.length).toBe((n % 4) + 1));
      const pieces = scenes.flatMap((scene) => scene.pieces);
      const used = pieces.map(({ image }) => image);
      expect(new Set(used).size).toBe(used.length);
      expect(count - used.length).toBeLessThan(4);
      for (const { image, top, left } of pieces) {
        expect(image).toBeLessThan(count);
        expect(Math.min(top, left)).toBeGreaterThanOrEqual(0);
        expect(Math.max(top, left)).toBeLessThanOrEqual(12);
      }
    }),
  );
});

test("planScenes() is the same for seed and name, and another for others", () => {
  const plan = (seed: number, name: string) => planScenes(40, 4, settings, seed, name);
  expect(plan(1, "a")).toEqual(plan(1, "a"));
  expect(plan(1, "a")).not.toEqual(plan(2, "a"));
  expect(plan(1, "a")).not.toEqual(plan(1, "b"));
  expect(
    plan(1, "a")
      .flatMap(({ pieces }) => pieces)
      .some(({ mirrored }) => mirrored),
  ).toBe(false);
});

test("planScenes() keeps pieces from covering one another by more than a quarter, where there is room", () => {
  for (const { pieces } of planScenes(400, 28, { side: 64, patch: 8 }, 1, "x")) {
    pieces.slice(0, 2).forEach((a, i) => {
      for (const b of pieces.slice(i + 1, 2)) {
        const shared = Math.max(0, 28 - Math.abs(a.top - b.top)) * Math.max(0, 28 - Math.abs(a.left - b.left));
        expect(shared).toBeLessThanOrEqual(196);
      }
    });
  }
  expect(() => planScenes(1, 17, settings, 1, "x")).toThrow("must fit onto a canvas of 16 pixels, they have 17");
});

test("paintScene() labels a patch by the class of most of its pixels, background below an eighth", () => {
  const paint = (top: number, left: number) =>
    paintScene({ pieces: [{ ...piece, image: 0, top, left }] }, images, settings, none);
  expect([...paint(4, 8).labels]).toEqual([3, 3, 3, 3, 3, 3, 1, 3, 3, 3, 3, 3, 3, 3, 3, 3]);
  // Three of four columns are to the right; one, a quarter of the patch, to the left.
  expect([...paint(4, 7).labels].flatMap((label, p) => (label === 1 ? [p] : []))).toEqual([5, 6]);
  // A corner of one pixel is a sixteenth of its patch; sides of three pixels are three.
  expect([...paint(3, 3).labels].flatMap((label, p) => (label === 1 ? [p] : []))).toEqual([1, 4, 5]);
});

test("paintScene() lets later pieces stand in front, and through where they are 0", () => {
  const front = { ...piece, image: 1, top: 4, left: 4 };
  const back = { ...piece, image: 0, top: 4, left: 4 };
  const { pixels, labels } = paintScene({ pieces: [back, front] }, images, settings, none);
  expect([...pixels.subarray(4 * 16 + 4, 4 * 16 + 8)]).toEqual([116, 101, 102, 103]);
  expect(labels[5]).toBe(1);
  const covered = paintScene({ pieces: [front, back] }, images, settings, none);
  expect([...covered.pixels.subarray(4 * 16 + 4, 4 * 16 + 8)]).toEqual([100, 101, 102, 103]);
});

test("paintScene() mirrors a piece, and takes the lower class of two with as many pixels", () => {
  const mirrored = paintScene({ pieces: [{ image: 1, top: 0, left: 0, mirrored: true }] }, images, settings, none);
  expect([...mirrored.pixels.subarray(0, 5)]).toEqual([0, 0, 0, 116, 0]);
  const columns = {
    ...images,
    labels: Uint8Array.of(2, 1),
    pixels: images.pixels.map((v, i) => (i % 4 === 0 ? v : 0)),
  };
  const tied = paintScene(
    {
      pieces: [
        { ...piece, image: 0, top: 0, left: 0 },
        { ...piece, image: 1, top: 0, left: 2 },
      ],
    },
    columns,
    settings,
    none,
  );
  expect(tied.labels[0]).toBe(1);
});
