import type { AttentionPattern } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { describe, expect, test } from "vitest";
import { rowDifference } from "../views/read-samples.ts";
import { type AttendedText, attendWords, numbersOf, type Positions } from "./attend-words.ts";
import { largestDifference } from "./backends.ts";

const words = ["I", "saw", "a", "saw"];
const { signal } = new AbortController();

function attend(positions: Positions, pattern: AttentionPattern = { kind: "full" }): Promise<AttendedText> {
  const maps = { full: "weights", meanOverHeads: true } as const;
  return attendWords(createReferenceBackend(), { texts: [words], heads: 4, positions, pattern, maps }, signal);
}

describe("attendWords()", () => {
  test("cannot tell two equal words apart without positions", async () => {
    const attended = await attend("none");
    const width = attended.output.length / 4;
    expect(rowDifference(attended.weights!, 4, 1, 3)).toBe(0);
    expect(attended.output.subarray(width, 2 * width)).toEqual(attended.output.subarray(3 * width));
  });

  test.each(["sinusoidal", "rotary"] as const)("tells them apart with %s positions", async (positions) => {
    const { weights } = await attend(positions);
    expect(rowDifference(weights!, 4, 1, 3)).toBeGreaterThan(0.1);
  });

  test("computes what the pattern permits", async () => {
    const { plan, weights } = await attend("none", { kind: "window", left: 1, right: 0 });
    expect([plan.pairs, plan.densePairs]).toEqual([7, 16]);
    expect(weights![2]).toBe(0);
  });

  test("gives each text of a batch what it gets alone, on wasm as on reference", async () => {
    const texts = [words, ["flies"], ["time", "flies"]];
    const request = {
      texts,
      heads: 2,
      positions: "rotary",
      pattern: { kind: "full" },
      maps: { topK: 2, meanOverHeads: true },
    } as const;
    const wasm = await createWasmBackend();
    const batch = await attendWords(wasm, request, signal);
    const alone = await attendWords(wasm, { ...request, texts: [["time", "flies"]] }, signal);
    expect(batch.output.slice(-alone.output.length)).toEqual(alone.output);
    const expected = await attendWords(createReferenceBackend(), request, signal);
    expect(largestDifference(numbersOf(batch), numbersOf(expected))).toBeLessThan(1e-5);
  });

  test("rejects with the reason of an aborted signal", async () => {
    const request = { texts: [words], heads: 1, positions: "none", pattern: { kind: "full" }, maps: {} } as const;
    await expect(
      attendWords(createReferenceBackend(), request, AbortSignal.abort(new Error("stopped"))),
    ).rejects.toThrow("stopped");
  });
});
