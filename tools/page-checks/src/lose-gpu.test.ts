// Pipelines on a GPU through the end of the browser's GPU process, at every phase: lost once, the same outputs come from the
// GPU; lost twice, when Chromium gives the page no adapter any more, they come from WASM, and the pipeline says why. Each case
// has a browser of its own, since Chromium counts losses.

import { setTimeout as rest } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { LossReport } from "../site/gpu.ts";
import type { Loss } from "../site/lossy-pipeline.ts";
import { launchBrowser, serveBuilt, type Site } from "./serve.ts";

const tolerance = 1e-4;
/** The promise is 10 s on a machine of its own; tests share theirs with a program that does the work of a GPU. */
const longestMs = 30_000;

let site: Site;
beforeAll(async () => {
  const root = fileURLToPath(new URL("../site", import.meta.url));
  site = await serveBuilt(root, ["gpu.html"], inject("headers"));
});
afterAll(() => site?.close());

/** Loads the page in a new browser, and runs its pipeline through the loss. */
async function runThrough(loss: Loss, where: "page" | "worker" = "page"): Promise<LossReport> {
  const browser = await launchBrowser();
  try {
    const session = await browser.newBrowserCDPSession();
    const page = await browser.newPage();
    let ended = 0;
    await page.route("**/end-gpu-process", async (route) => {
      // It does not answer: its process is gone.
      await session.send("Browser.crashGpuProcess").catch(() => {});
      ended += 1;
      await rest(100);
      await route.fulfill({ status: 200, body: "ended" });
    });
    await page.goto(new URL("gpu.html", site.address).href);
    await page.waitForFunction(() => document.querySelector("output")?.textContent);
    const late = rest(60_000).then(() => {
      throw new Error(`Cannot wait longer for ${loss.phase}: every promise must settle within ${longestMs} ms`);
    });
    const report = await Promise.race([
      page.evaluate(([given, place]) => runThroughLoss(given, place), [loss, where] as const),
      late,
    ]);
    expect(ended).toBe(loss.times);
    console.log(`${loss.phase}, ${loss.times}: the slowest call took ${report.slowestMs.toFixed()} ms`);
    return report;
  } finally {
    await browser.close();
  }
}

describe("a GPU process that ends once", () => {
  test.each([
    ["adapter", "before"],
    ["adapter", "during"],
    ["device", "before"],
    ["device", "during"],
    ["opening", "during"],
    ["upload", "before"],
    ["compile", "during"],
    ["dispatch", "before"],
    ["dispatch", "during"],
    ["read", "before"],
    ["read", "during"],
    ["idle", "before"],
    ["idle", "during"],
    ["dispose", "before"],
  ] as const)("at %s, %s it, changes no output, and the next one computes", async (phase, moment) => {
    const { choice, difference, slowestMs } = await runThrough({ phase, moment, times: 1 });
    expect(choice.name).toBe("webgpu");
    expect(difference).toBeLessThan(tolerance);
    expect(slowestMs).toBeLessThan(longestMs);
    const reasons = choice.reasons.filter((reason) => reason.includes("was lost"));
    expect(reasons).toHaveLength(["adapter", "device", "opening", "dispose"].includes(phase) ? 0 : 1);
  });
});

describe("a GPU process that ends twice", () => {
  test.each(["device", "opening", "upload", "compile", "dispatch", "read", "idle"] as const)(
    "at %s leaves the pipeline to WASM, with the reason",
    async (phase) => {
      const { choice, difference, slowestMs } = await runThrough({ phase, moment: "during", times: 2 });
      expect(choice.name).toBe("wasm");
      expect(choice.reasons.join("\n")).toMatch(/was lost|there is no adapter|gives no device/);
      expect(difference).toBeLessThan(tolerance);
      expect(slowestMs).toBeLessThan(longestMs);
    },
  );
});

test("a GPU process that ends twice before there is a device leaves an adapter or none, and the pipeline runs", async () => {
  const { choice, difference, slowestMs } = await runThrough({ phase: "adapter", moment: "during", times: 2 });
  // Chromium may let the second request wait for the next process.
  expect(["webgpu", "wasm"]).toContain(choice.name);
  expect(choice.reasons).toHaveLength(1);
  expect(difference).toBeLessThan(tolerance);
  expect(slowestMs).toBeLessThan(longestMs);
});

describe("in a worker, a GPU process that ends", () => {
  test.each([
    [1, "webgpu"],
    [2, "wasm"],
  ] as const)("%i times leaves the outputs as they are, computed by %s", async (times, name) => {
    const { choice, difference, slowestMs } = await runThrough(
      { phase: "dispatch", moment: "during", times },
      "worker",
    );
    expect(choice.name).toBe(name);
    expect(difference).toBeLessThan(tolerance);
    expect(slowestMs).toBeLessThan(longestMs);
  });
});
