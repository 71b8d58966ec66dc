import { checkModelConfig, modelNetwork } from "@saccade/attention-core";
import { expect, test } from "vitest";
import type { LabelledImages } from "../../records/labelled-images.ts";
import { gatherImages } from "./clothing.ts";
import { drawImages } from "./images.ts";
import { imageNetworks, weightCount } from "./image-networks.ts";

const images: LabelledImages = {
  rows: 8,
  columns: 8,
  channels: 1,
  pixels: Uint8Array.from({ length: 3 * 64 }, (_, i) => i),
  labels: Uint8Array.of(2, 0, 1),
};

test("imageNetworks() have about as many weights each", () => {
  const counts = imageNetworks(28, 10).map(weightCount);
  expect(Math.max(...counts) / Math.min(...counts)).toBeLessThan(1.1);
});

test("gatherImages() makes features that each network reads, four by four positions of four pixels", () => {
  for (const network of imageNetworks(8, 10)) {
    checkModelConfig(network.model);
    const { features, labels } = gatherImages(images, [2, 0], network);
    expect(() => modelNetwork(network.model).checkFeatures(features)).not.toThrow();
    expect(features.offsets).toEqual(Int32Array.of(0, 4, 8));
    expect(labels).toEqual(Int32Array.of(1, 2));
    expect(features.values[0]).toBeCloseTo((images.pixels[128]! / 255 - 0.286) / 0.353, 5);
  }
});

test("drawImages() has as many of each label, and smaller draws within larger ones", () => {
  const labels = Uint8Array.from({ length: 60 }, (_, n) => (n % 7) % 3);
  const [few, more] = [drawImages(labels, 6, 1), drawImages(labels, 21, 1)];
  const countOf = (draw: Int32Array, label: number): number => draw.filter((n) => labels[n] === label).length;
  expect([0, 1, 2].map((label) => countOf(few, label))).toEqual([2, 2, 2]);
  expect(more.slice(0, 6)).toEqual(few);
  expect(new Set(drawImages(labels, 60, 1)).size).toBe(60);
});
