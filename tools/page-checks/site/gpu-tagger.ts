// A page that tags sentences on a GPU from a worker, with progress, and then aborts a longer run.

import type { BackendChoice, PipelineOf } from "@saccade/pipeline";
import type { upos } from "@saccade/text-tokens";
import { connectPipeline } from "@saccade/worker-bridge";

/** What became of a run that was aborted. */
export interface AbortedGpuRun {
  readonly choice: BackendChoice;
  /** The name of what the run rejected with; "" if it came to its end. */
  readonly reason: string;
  /** From the abort to the rejection. */
  readonly settledMs: number;
}

declare global {
  /** Tags so many sentences and aborts at the first progress. */
  var abortGpuRun: (sentences: number) => Promise<AbortedGpuRun>;
}

const worker = new Worker(new URL("./gpu-tagger.worker.ts", import.meta.url), { type: "module" });
const tagger: PipelineOf<typeof upos> = await connectPipeline(worker);

let shares = 0;
const [answer] = await tagger.run(["I saw a saw", "We saw the boat"], { onProgress: () => (shares += 1) });
const tags = answer!.tokens.map(({ text, tag }) => `${text}/${tag}`).join(" ");
document.querySelector("output")!.textContent =
  `${tags}, ${tagger.backend.name}, progress ${shares > 2 ? "told" : "missing"}`;

globalThis.abortGpuRun = async (sentences) => {
  const texts = Array.from({ length: sentences }, (_, i) => `The ${i} saws that we saw can saw what no saw had sawn.`);
  const abort = new AbortController();
  let [abortedAt, reason] = [0, ""];
  const onProgress = (): void => {
    if (abort.signal.aborted) return;
    abortedAt = performance.now();
    abort.abort();
  };
  try {
    await tagger.run(texts, { signal: abort.signal, onProgress });
  } catch (error) {
    reason = (error as Error).name;
  }
  return { choice: tagger.backend, reason, settledMs: performance.now() - abortedAt };
};
