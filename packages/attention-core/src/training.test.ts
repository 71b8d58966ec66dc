import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { attentionDropoutIndex, dropoutKeeps } from "./training.ts";

function shareKept(rate: number, seed: number, indexOf: (i: number) => number): number {
  let kept = 0;
  for (let i = 0; i < 20_000; i += 1) if (dropoutKeeps({ rate, seed }, indexOf(i))) kept += 1;
  return kept / 20_000;
}

describe("dropoutKeeps()", () => {
  it.each([0, 0.1, 0.5, 0.9])("keeps the share 1 - %d", (rate) => {
    for (const seed of [0, 1, 2, 2 ** 31, 2 ** 32 - 1]) {
      expect(Math.abs(shareKept(rate, seed, (i) => i) - (1 - rate))).toBeLessThan(0.015);
      expect(
        Math.abs(shareKept(rate, seed, (i) => attentionDropoutIndex(i >> 9, (i >> 6) & 7, i & 63)) - (1 - rate)),
      ).toBeLessThan(0.015);
    }
  });

  it("keeps all at rate 0", () => {
    expect(shareKept(0, 7, (i) => i)).toBe(1);
  });

  it("keeps at a lower rate what it keeps at a higher one", () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31 - 1), fc.nat(2 ** 31 - 1), (seed, index) => {
        const [few, half, most] = [0.9, 0.5, 0.1].map((rate) => dropoutKeeps({ rate, seed }, index));
        expect((!few || half) && (!half || most)).toBe(true);
      }),
    );
  });

  it("takes the index modulo 2^32", () => {
    for (let i = 0; i < 100; i += 1) {
      expect(dropoutKeeps({ rate: 0.5, seed: 3 }, i)).toBe(dropoutKeeps({ rate: 0.5, seed: 3 }, i + 2 ** 32));
    }
  });

  it("has neighbours, rows, heads and seeds that do not go together", () => {
    const pairs: readonly (readonly [string, (i: number) => boolean, (i: number) => boolean])[] = [
      ["indices", (i) => keeps(1, 2 * i), (i) => keeps(1, 2 * i + 1)],
      ["seeds", (i) => keeps(1, i), (i) => keeps(2, i)],
      ["keys", (i) => keeps(1, attentionDropoutIndex(i, 0, 3)), (i) => keeps(1, attentionDropoutIndex(i, 0, 4))],
      ["heads", (i) => keeps(1, attentionDropoutIndex(i, 0, 3)), (i) => keeps(1, attentionDropoutIndex(i, 1, 3))],
      ["rows", (i) => keeps(1, attentionDropoutIndex(5, 0, i)), (i) => keeps(1, attentionDropoutIndex(6, 0, i))],
    ];
    for (const [what, first, second] of pairs) {
      let agree = 0;
      for (let i = 0; i < 20_000; i += 1) if (first(i) === second(i)) agree += 1;
      expect({ what, together: Math.abs(agree / 20_000 - 0.5) > 0.015 }).toEqual({ what, together: false });
    }
  });
});

function keeps(seed: number, index: number): boolean {
  return dropoutKeeps({ rate: 0.5, seed }, index);
}

test("attentionDropoutIndex() goes up by one from key to key, modulo 2^32", () => {
  for (const [row, head] of [
    [0, 0],
    [7, 3],
    [2 ** 31 - 1, 63],
  ] as const) {
    const first = attentionDropoutIndex(row, head, 0);
    expect(attentionDropoutIndex(row, head, 1000)).toBe((first + 1000) % 2 ** 32);
  }
});
