import { describe, expect, it } from "vitest";
import type { AudioCost } from "./audio-cost.ts";
import { audioSections, checkAudioGoals, formatAudioCost } from "./audio-page.ts";

const span = (seconds: number, msPerSecond: number, megabytes: number): AudioCost["spans"][number] => ({
  seconds,
  ms: seconds * msPerSecond,
  msPerSecond,
  peakMemoryBytes: megabytes * 1e6,
});

const cost: AudioCost = {
  kind: "audio-cost",
  name: "speech/stream",
  blockSeconds: 1,
  latencySeconds: 1.425,
  spans: [span(10, 2.2, 2), span(60, 2, 2.5), span(3600, 2.1, 3)],
};

describe("audioSections()", () => {
  it("has a row for each length", () => {
    const page = audioSections([cost]).join("\n");
    expect(page).toContain("### `speech/stream`: blocks of 1 s, a latency of 1.43 s");
    expect(page).toContain("| 10 s | 22.0 ms | 2.20 ms | 455 x | 2.00 MB |");
    expect(page).toContain("| 1 h | 7.56 s | 2.10 ms | 476 x | 3.00 MB |");
    expect(audioSections([])).toEqual([]);
  });
});

describe("formatAudioCost()", () => {
  it("has a line for each length", () => {
    expect(formatAudioCost(cost)).toMatch(/1 min +120 ms {2}2\.00 ms a second of sound {2}2\.50 MB/);
  });
});

describe("checkAudioGoals()", () => {
  it("compares all lengths", () => {
    expect(checkAudioGoals([cost])).toMatchObject([
      { measured: "1.100", met: true },
      { measured: "1.500", met: false },
    ]);
  });

  it("says nothing of a stream that was not measured", () => {
    expect(checkAudioGoals([]).map(({ met }) => met)).toEqual([undefined, undefined]);
  });
});
