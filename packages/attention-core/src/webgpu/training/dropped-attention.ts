// Attention forward with dropout on its weights: what inference computes gives the maps and the log-sum-exp, and a second
// pass the output.

import { dispose } from "../../disposal.ts";
import type { Attended, AttentionMaps } from "../../backend.ts";
import type { Tensor } from "../../tensor.ts";
import type { TrainingAttentionOptions } from "../../training.ts";
import { type AttentionCall, checkBuffers, release, submitPackedRows } from "./attention-call.ts";
import { openWork } from "./attention-gradient.ts";
import type { TrainingHost } from "./training-host.ts";

/** Pushes the work of a call whose dropout drops something; `attend` runs it without. */
export function submitDroppedAttention(
  host: TrainingHost,
  one: AttentionCall,
  options: TrainingAttentionOptions,
  attend: (options: TrainingAttentionOptions) => Attended,
): Attended {
  checkBuffers(host, one, []);
  const { dropout: _, ...whole } = options;
  const softmax = one.call.normalizer === "softmax";
  let maps: AttentionMaps = {};
  let logSumExp: Tensor | null = null;
  if (softmax || one.call.maps.any) {
    const attended = attend(softmax ? { ...whole, maps: { ...whole.maps, logSumExp: true } } : whole);
    attended.output[dispose]();
    maps = attended.maps;
    logSumExp = attended.maps.logSumExp ?? null;
  }
  const results = { logSumExp, backward: null };
  const rows = submitPackedRows(host, one, results);
  const work = openWork(host, one, results, rows);
  if (!softmax) work.submitStatistics();
  const output = work.submitOutput();
  work.finish();
  release([rows]);
  if (logSumExp !== null && !one.call.maps.logSumExp) {
    logSumExp[dispose]();
    const { logSumExp: _unasked, ...asked } = maps;
    maps = asked;
  }
  return { output, maps };
}
