import { describe, expect, it } from "vitest";
import { attentionTilesOf, fewQueriesBytes, tileBytes } from "./attention-tile-sizes.ts";

describe("attentionTilesOf()", () => {
  it("gives tiles that fit the workgroup's memory, of the default limits too, and at most 256 threads", () => {
    for (let width = 1; width <= 256; width += 1) {
      for (const memory of [fewQueriesBytes, 16_384, 32_768]) {
        const { many, few } = attentionTilesOf(width, memory);
        for (const tile of [many, few]) {
          expect(tileBytes(tile)).toBeLessThanOrEqual(memory);
          expect(tile.down * tile.across).toBeLessThanOrEqual(256);
          expect(4 * tile.across * tile.vectors).toBeGreaterThanOrEqual(width);
        }
      }
    }
  });

  it("gives tiles of few queries alone where there is little memory", () => {
    for (const width of [8, 64, 128, 256]) {
      const { many, few } = attentionTilesOf(width, fewQueriesBytes);
      expect(many).toBe(few);
    }
  });

  it("gives tiles whose sums run alike for a width, and whose rows are whole blocks of a plan", () => {
    for (const width of [8, 33, 100, 256]) {
      const all = [16_384, 32_768].flatMap((memory) => Object.values(attentionTilesOf(width, memory)));
      expect(new Set(all.map(({ keys, across }) => `${keys} ${across}`)).size).toBe(1);
      for (const tile of all) {
        expect(tile.queries % 8).toBe(0);
        expect((tile.queries / tile.down) % 4).toBe(0);
        expect(tile.keys % tile.valueKeys).toBe(0);
        expect((tile.keys / 4) % tile.across).toBe(0);
      }
    }
  });

  it("refuses heads that are wider", () => {
    expect(() => attentionTilesOf(257, 32_768)).toThrow(RangeError);
  });
});
