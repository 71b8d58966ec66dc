// The tagger on a GPU, from a worker: the page's main thread stays free, progress comes, and an abort settles. The GPU here is a
// program on the same processors, so that what is asked of the page is the time of its thread, not of the clock.

import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { launchBrowser, serveBuilt, type Site } from "./serve.ts";
import { watchMainThread } from "./watch-main-thread.ts";

const longestTaskMs = 50;

let site: Site;
beforeAll(async () => {
  const root = fileURLToPath(new URL("../site", import.meta.url));
  site = await serveBuilt(root, ["gpu-tagger.html"], inject("headers"));
});
afterAll(() => site?.close());

test("a page that tags on a GPU keeps its main thread free, hears of progress, and aborts", async () => {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    const address = new URL("gpu-tagger.html", site.address).href;
    const { answer, blockedMs, busiestTaskMs } = await watchMainThread(page, address);
    expect(answer).toBe("I/PRON saw/VERB a/DET saw/NOUN, webgpu, progress told");
    const { choice, reason, settledMs } = await page.evaluate(() => abortGpuRun(2000));
    console.log(
      `busiest task ${busiestTaskMs.toFixed(1)} ms, blocked for at most ${blockedMs.toFixed(1)} ms beside ${choice.reasons.join()}; ` +
        `an abort settled in ${settledMs.toFixed(1)} ms`,
    );
    expect(busiestTaskMs).toBeLessThanOrEqual(longestTaskMs);
    expect([choice.name, reason]).toEqual(["webgpu", "AbortError"]);
    expect(settledMs).toBeLessThanOrEqual(500);
  } finally {
    await browser.close();
  }
});
