// The tagger in a page, from its worker: cold load to first answer, and abort. A machine that is busy with something else
// can stop any page: what is asked is therefore met by the best of some attempts, since what the code itself blocks it
// blocks in each of them; and what does nothing is timed beside them.

import { fileURLToPath } from "node:url";
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { launchBrowser, serveBuilt, type Site } from "./serve.ts";
import { type MainThread, watchMainThread } from "./watch-main-thread.ts";

const longestBlockMs = 50;
const longestAbortMs = 100;
const attempts = 4;

let site: Site;
let browser: Browser;
beforeAll(async () => {
  const root = fileURLToPath(new URL("../site", import.meta.url));
  site = await serveBuilt(root, ["tagger.html", "idle.html"], inject("headers"));
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
});

/** Loads a page in a context of its own: with empty caches. */
async function load(path: string): Promise<MainThread> {
  const context = await browser.newContext();
  try {
    return await watchMainThread(await context.newPage(), new URL(path, site.address).href);
  } finally {
    await context.close();
  }
}

test("a page shows its first answer without blocking its main thread for more than 50 ms", async (context) => {
  const [blocks, idleBlocks]: [number[], number[]] = [[], []];
  while (blocks.length < attempts && !(blocks.at(-1)! <= longestBlockMs)) {
    const { answer, answeredAtMs, blockedMs, busiestTaskMs } = await load("tagger.html");
    const idle = await load(`idle.html?ms=${Math.ceil(answeredAtMs)}`);
    blocks.push(blockedMs);
    idleBlocks.push(idle.blockedMs);
    console.log(
      `first answer after ${answeredAtMs.toFixed()} ms, blocked for at most ${blockedMs.toFixed(1)} ms, ` +
        `busiest task ${busiestTaskMs.toFixed(1)} ms; an idle page ${idle.blockedMs.toFixed(1)} and ${idle.busiestTaskMs.toFixed(1)} ms`,
    );
    expect(answer).toBe("I/PRON saw/VERB a/DET saw/NOUN");
    // Holds on a busy machine too: it is the time of the thread, not of the clock.
    expect(busiestTaskMs).toBeLessThanOrEqual(longestBlockMs);
  }
  const [blockedMs, idleBlockedMs] = [Math.min(...blocks), Math.max(...idleBlocks)];
  if (blockedMs > longestBlockMs && idleBlockedMs > longestBlockMs) {
    context.skip(`the machine is busy: a page that does nothing is blocked for ${idleBlockedMs.toFixed()} ms as well`);
  }
  expect(blockedMs).toBeLessThanOrEqual(longestBlockMs);
});

test("an abort during a run over 10,000 sentences settles within 100 ms, and the worker is free again", async (context) => {
  const browserContext = await browser.newContext();
  const page = await browserContext.newPage();
  await watchMainThread(page, new URL("tagger.html", site.address).href);
  const runs = [];
  for (const percent of [1, 2, 5, 10]) {
    const run = await page.evaluate((at) => abortRun(10_000, at), percent);
    expect(run.reason).toBe("AbortError");
    expect(run.percent).toBeLessThan(50);
    runs.push(run);
  }
  const idleMs = Math.min(...(await page.evaluate(async () => [await timeRun(), await timeRun(), await timeRun()])));
  const settledMs = Math.min(...runs.map((run) => run.settledMs));
  const answeredMs = Math.min(...runs.map((run) => run.answeredMs));
  const usually = `${idleMs.toFixed(1)} ms without a run before it`;
  console.log(
    `settled in ${settledMs.toFixed(1)} ms; the next answer came after ${answeredMs.toFixed(1)} ms, ${usually}`,
  );
  await browserContext.close();
  if (idleMs > longestAbortMs) {
    context.skip(`the machine is busy: one sentence takes ${idleMs.toFixed()} ms of its own`);
  }
  expect(settledMs).toBeLessThanOrEqual(longestAbortMs);
  expect(answeredMs).toBeLessThanOrEqual(longestAbortMs + idleMs);
});
