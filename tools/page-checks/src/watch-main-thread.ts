// What a visitor would feel: how long a page's main thread did not take turns.

import type { Page } from "playwright";

/** In milliseconds since the page began to load. */
export interface MainThread {
  /** The longest time between two turns of a timer, and the longest task that the browser itself reports (from 50 ms). */
  readonly longestGapMs: number;
  readonly longestTaskMs: number;
  /** When there was something in the page's `output`. */
  readonly answeredAtMs: number;
  readonly answer: string;
}

declare global {
  var mainThread: { longestGapMs: number; longestTaskMs: number } | undefined;
}

/** Opens `address` in `page`, which is new, and watches until it shows an answer. */
export async function watchMainThread(page: Page, address: string): Promise<MainThread> {
  await page.addInitScript(watch);
  await page.goto(address, { waitUntil: "commit" });
  const handle = await page.waitForFunction(() => {
    const answer = document.querySelector("output")?.textContent;
    return answer ? { ...globalThis.mainThread!, answeredAtMs: performance.now(), answer } : null;
  });
  return (await handle.jsonValue())!;
}

/** Runs in the page, before its scripts: it must stand alone. */
function watch(): void {
  if (globalThis.mainThread !== undefined) return;
  const seen = { longestGapMs: 0, longestTaskMs: 0 };
  globalThis.mainThread = seen;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.longestTaskMs = Math.max(seen.longestTaskMs, duration);
  }).observe({ type: "longtask", buffered: true });
  let last = performance.now();
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener("message", () => {
    const now = performance.now();
    seen.longestGapMs = Math.max(seen.longestGapMs, now - last);
    last = now;
    setTimeout(() => port2.postMessage(null), 1);
  });
  port1.start();
  port2.postMessage(null);
}
