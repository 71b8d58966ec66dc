// A page that tags a sentence in a worker, shows the answer, and then lets the checks abort runs.

import type { PipelineOf } from "@saccade/pipeline";
import type { upos } from "@saccade/text-tokens";
import { connectPipeline } from "@saccade/worker-bridge";

/** What became of an aborted run. */
export interface AbortedRun {
  /** The name of what the run rejected with; "" if it came to its end. */
  readonly reason: string;
  /** How far it was, 0 to 100. */
  readonly percent: number;
  /** From the abort to the rejection. */
  readonly settledMs: number;
  /** From the abort to the answer to a run of one sentence: the worker had stopped by then. */
  readonly answeredMs: number;
}

declare global {
  /** Runs over so many sentences and aborts once they are so far, in percent. */
  var abortRun: (sentences: number, percent: number) => Promise<AbortedRun>;
  /** Milliseconds that a run of one sentence takes. */
  var timeRun: () => Promise<number>;
}

const worker = new Worker(new URL("./tagger.worker.ts", import.meta.url), { type: "module" });
const tagger: PipelineOf<typeof upos> = await connectPipeline(worker);
const [answer] = await tagger.run(["I saw a saw"]);
document.querySelector("output")!.textContent = answer!.tokens.map(({ text, tag }) => `${text}/${tag}`).join(" ");

globalThis.timeRun = async () => {
  const start = performance.now();
  await tagger.run(["I saw a saw"]);
  return performance.now() - start;
};

globalThis.abortRun = async (sentences, percent) => {
  const texts = Array.from({ length: sentences }, (_, i) => `The ${i} saws that we saw can saw what no saw had sawn.`);
  const abort = new AbortController();
  let [abortedAt, reached, reason] = [0, 0, ""];
  const onProgress = (progress: { readonly percent: number }): void => {
    reached = progress.percent;
    if (reached < percent || abort.signal.aborted) return;
    abortedAt = performance.now();
    abort.abort();
  };
  try {
    await tagger.run(texts, { signal: abort.signal, onProgress });
  } catch (error) {
    reason = (error as Error).name;
  }
  const settledMs = performance.now() - abortedAt;
  await tagger.run(["I saw a saw"]);
  return { reason, percent: reached, settledMs, answeredMs: performance.now() - abortedAt };
};
