// What a visitor would feel: how long a page's main thread did not take turns, and what it was that it worked on meanwhile.

import type { Page } from "playwright";

/** Milliseconds from when the page began to load until it showed an answer. */
export interface MainThread {
  /** The longest time between two turns of a timer, or the longest task that the browser reports to pages (from 50 ms). */
  readonly blockedMs: number;
  /** What the busiest task took of a processor, whatever else the machine did at the time. */
  readonly busiestTaskMs: number;
  readonly answeredAtMs: number;
  /** What was in the page's `output`. */
  readonly answer: string;
}

declare global {
  var mainThread: { blockedMs: number } | undefined;
}

/** Opens `address` in `page`, which is new, and watches until it shows an answer. */
export async function watchMainThread(page: Page, address: string): Promise<MainThread> {
  const browser = page.context().browser()!;
  await page.addInitScript(watch);
  await browser.startTracing(page, { categories: ["toplevel"] });
  await page.goto(address, { waitUntil: "commit" });
  const handle = await page.waitForFunction(() => {
    const answer = document.querySelector("output")?.textContent;
    return answer ? { ...globalThis.mainThread!, answeredAtMs: performance.now(), answer } : null;
  });
  const seen = (await handle.jsonValue())!;
  const trace = JSON.parse((await browser.stopTracing()).toString()) as Trace;
  return { ...seen, busiestTaskMs: busiestTaskOf(trace) };
}

/** Runs in the page, before its scripts: it must stand alone. */
function watch(): void {
  if (globalThis.mainThread !== undefined) return;
  const seen = { blockedMs: 0 };
  globalThis.mainThread = seen;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.blockedMs = Math.max(seen.blockedMs, duration);
  }).observe({ type: "longtask", buffered: true });
  let last = performance.now();
  const { port1, port2 } = new MessageChannel();
  port1.addEventListener("message", () => {
    const now = performance.now();
    seen.blockedMs = Math.max(seen.blockedMs, now - last);
    last = now;
    setTimeout(() => port2.postMessage(null), 1);
  });
  port1.start();
  port2.postMessage(null);
}

/** What is used of Chromium's trace: https://chromium.googlesource.com/catapult, the Trace Event Format. */
interface Trace {
  readonly traceEvents: readonly {
    readonly name: string;
    readonly ph: string;
    readonly pid: number;
    readonly tid: number;
    /** Microseconds of the thread's own time. */
    readonly tdur?: number;
    readonly args?: { readonly name?: string };
  }[];
}

/** Milliseconds. Throws if the trace has no task of a main thread of a page. */
function busiestTaskOf({ traceEvents }: Trace): number {
  const mainThreads = traceEvents.filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain");
  const ids = new Set(mainThreads.map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = traceEvents.filter(({ ph, pid, tid }) => ph === "X" && ids.has(`${pid} ${tid}`));
  if (tasks.length === 0)
    throw new Error("Cannot read the trace: it must have tasks of a page's main thread, it has none");
  return tasks.reduce((longest, { tdur = 0 }) => Math.max(longest, tdur / 1000), 0);
}
