import { describe, expect, it } from "vitest";
import { babble } from "./babble.ts";

describe("babble()", () => {
  it("is as long as asked for, within bounds, sometimes loud and sometimes not, the same for a seed", () => {
    const sound = babble(3, 8000);
    expect(sound).toHaveLength(24_000);
    expect(sound.every((sample) => Math.abs(sample) < 1)).toBe(true);
    const loud = sound.filter((sample) => Math.abs(sample) > 0.02).length / sound.length;
    expect(loud).toBeGreaterThan(0.2);
    expect(loud).toBeLessThan(0.9);
    expect(babble(3, 8000)).toEqual(sound);
  });
});
