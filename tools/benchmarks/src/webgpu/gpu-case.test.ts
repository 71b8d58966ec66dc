// On whatever adapter there is, in practice a program: results, never times.
import { describe, expect, it } from "vitest";
import { prepareCase } from "../cases/prepare.ts";
import { relativeError } from "../error.ts";
import { openGpu } from "./gpu.ts";
import { bandwidthProbe, peakProbe } from "./probes.ts";
import { operationsOfALoop, peakGroup } from "./kernels/fma-peak.wgsl.ts";
import { cardCases, softwareCases } from "./shapes.ts";

const tiny = { groups: 2, loops: 4, bytes: 8192 };
const missing = await openGpu().then(
  () => null,
  (error: unknown) => (error as Error).message,
);

describe("the probes of the GPU", () => {
  it("peakProbe() adds to every sum in every loop, and counts what it does", async (context) => {
    if (missing !== null) context.skip(missing);
    const probe = await peakProbe(tiny);
    await probe.run();
    // Sums from 0 to 15 settle at 1, so that their sum settles at 16.
    expect([...(await probe.read(4))]).toEqual([16, 16, 16, 16]);
    expect(probe.amount).toBe(2 * peakGroup * 4 * operationsOfALoop);
    probe.dispose();
  });

  it("bandwidthProbe() copies, and counts what it reads and writes", async (context) => {
    if (missing !== null) context.skip(missing);
    const probe = await bandwidthProbe(tiny);
    await probe.run();
    expect([...(await probe.read(4))]).toEqual([1, 1, 1, 1]);
    expect(probe.amount).toBe(2 * 8192);
    probe.dispose();
  });
});

describe("a case on the GPU", () => {
  it("gives the right result, and runs within a model", async (context) => {
    if (missing !== null) context.skip(missing);
    const { ours, expected, tolerance } = await prepareCase({
      kind: "attention",
      name: "attention/dense/8",
      pattern: "full",
      positions: 8,
      heads: 2,
      threads: "gpu",
    });
    const contestant = await ours();
    expect(relativeError(contestant, await contestant.run(), await expected())).toBeLessThanOrEqual(tolerance);
    await contestant.resident!(2);
    await contestant.dispose();
  });
});

describe("the tables of cases", () => {
  it("have the same kinds for a card and for a program", () => {
    const kinds = (cases: typeof cardCases): string[] => [...new Set(cases.map(({ kind }) => kind))].toSorted();
    expect(kinds(softwareCases)).toEqual(kinds(cardCases));
    for (const cases of [cardCases, softwareCases]) {
      expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    }
  });
});
