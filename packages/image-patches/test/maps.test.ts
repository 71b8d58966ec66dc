import type { LayerMaps } from "@saccade/pipeline";
import { describe, expect, test } from "vitest";
import {
  attentionRollout,
  attentionWeights,
  clothing,
  greyImage,
  heatMap,
  paintHeatMap,
  rolloutFrom,
} from "../src/index.ts";
import { openTask, smallModel } from "./run-task.ts";

const image = greyImage(
  Uint8Array.from({ length: 64 }, (_, p) => (p * 31) % 256),
  8,
  8,
);

async function explained(request: object): Promise<readonly LayerMaps[]> {
  await using pipeline = await openTask(clothing, smallModel("set-label"));
  const [explanation] = await pipeline.explain([image], request);
  return explanation!.sets[0]!.layers;
}

describe("attentionWeights()", () => {
  test("is the same from rows and from full maps, for a head and for the mean of all", async () => {
    const full = await explained({ full: true });
    const rows = await explained({ rows: [9, 3] });
    const mean = await explained({ full: true, meanOverHeads: true });
    for (const layer of [0, 1]) {
      const ofHeads = [0, 1].map((head) => attentionWeights(full[layer]!, 3, head));
      expect(attentionWeights(rows[layer]!, 3, 1)).toEqual(ofHeads[1]);
      const weights = attentionWeights(full[layer]!, 3);
      expect(attentionWeights(rows[layer]!, 3)).toEqual(weights);
      weights.forEach((weight, key) => {
        expect(weight).toBeCloseTo((ofHeads[0]![key]! + ofHeads[1]![key]!) / 2, 6);
        expect(weight).toBeCloseTo(attentionWeights(mean[layer]!, 3)[key]!, 6);
      });
    }
    expect(() => attentionWeights(rows[0]!, 4)).toThrow("they must hold position 4, of 16");
    expect(() => attentionWeights(full[0]!, 0, 2)).toThrow("head must be from 0 to 1, it is 2");
    expect(() => attentionWeights(full[0]!, 16)).toThrow(RangeError);
  });
});

describe("attentionRollout()", () => {
  test("has rows that sum to 1, and is the product of the layers' means with their residuals", async () => {
    const maps = await explained({ full: true });
    const layers = maps.slice(0, -1);
    const rollout = attentionRollout(layers);
    const mixed = layers.map((layer) =>
      Array.from({ length: 16 }, (_, q) => [...attentionWeights(layer, q)].map((w, k) => (w + (q === k ? 1 : 0)) / 2)),
    );
    for (let q = 0; q < 16; q += 1) {
      const row = rollout.subarray(16 * q, 16 * q + 16);
      expect(row.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 6);
      row.forEach((weight, k) => {
        const expected = mixed[1]![q]!.reduce((sum, each, middle) => sum + each * mixed[0]![middle]![k]!, 0);
        expect(weight).toBeCloseTo(expected, 6);
      });
    }
    const pooled = rolloutFrom(attentionWeights(maps.at(-1)!, 0), layers);
    expect(pooled.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 6);
    expect(attentionRollout([])).toEqual(new Float64Array(0));
    expect(() => rolloutFrom(new Float32Array(16), maps)).toThrow("leave the head's pooling out");
  });
});

describe("heatMap()", () => {
  test("is as large as the image and keeps a flat map flat, a class token left out", () => {
    const { values, width, height } = heatMap(new Float32Array(17).fill(0.5).fill(9, 0, 1), [4, 4], image);
    expect([width, height, values.length]).toEqual([8, 8, 64]);
    values.forEach((value) => expect(value).toBeCloseTo(0.5, 6));
    expect(() => heatMap(new Float32Array(15), [4, 4], image)).toThrow("there are 15");
  });

  test("is largest over the patch of the largest weight, in an image of another shape too", () => {
    const weights = new Float32Array(16);
    weights[6] = 1;
    const format = { rows: 8, columns: 8, fit: "contain" } as const;
    for (const [size, place, fit] of [
      [{ width: 40, height: 80 }, [25, 30], undefined],
      [{ width: 80, height: 40 }, [50, 10], format],
    ] as const) {
      const { values } = heatMap(weights, [4, 4], size, fit);
      const best = values.indexOf(values.reduce((a, b) => Math.max(a, b)));
      expect(Math.abs((best % size.width) - place[0])).toBeLessThanOrEqual(size.width / 16 + 1);
      expect(Math.abs(Math.floor(best / size.width) - place[1])).toBeLessThanOrEqual(size.height / 16 + 1);
    }
  });

  test("paints over its image, which stays grey where there is no heat", () => {
    const map = { values: Float32Array.of(0, 2), width: 2, height: 1 };
    const grey = greyImage(Uint8Array.of(100, 50), 2, 1);
    expect([...paintHeatMap(map, grey).data]).toEqual([100, 100, 100, 255, 255, 0, 0, 255]);
    expect([...paintHeatMap({ ...map, values: new Float32Array(2) }).data]).toEqual([0, 0, 0, 255, 0, 0, 0, 255]);
    expect(() => paintHeatMap(map, image)).toThrow("the image must be 2 x 1, it is 8 x 8");
  });
});
