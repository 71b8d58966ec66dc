// Attention backward: rows are packed, weights made again of scores, and every gradient summed by whoever owns it, so that
// nothing is added by atomics and memory is linear in rows, for a plan of edges in edges.

import type { Tensor } from "../../tensor.ts";
import type { AttentionGradients } from "../../training.ts";
import { tensorOfBias } from "../attention.ts";
import {
  type AttentionCall,
  type AttentionResults,
  checkBuffers,
  release,
  submitPackedRows,
  zerosLike,
} from "./attention-call.ts";
import { EdgeWork } from "./edge-work.ts";
import { submitSumRows } from "./sum-rows.ts";
import { TileWork } from "./tile-work.ts";
import type { TrainingHost } from "./training-host.ts";

/** What of the way back depends on the form of the plan. */
export interface GradientWork {
  /** Leaves in the packed rows what normalizers other than softmax need. */
  submitStatistics(): void;
  /** The output under the weights that dropout leaves. */
  submitOutput(): Tensor;
  /** dq, and for additive scores shares [P, H · D] of the vector's gradient. */
  submitQueries(): { readonly q: Tensor; readonly vector: Tensor | null };
  submitKeys(): { readonly k: Tensor; readonly v: Tensor };
  submitBias(): Tensor;
  /** Gives back what was made on the way. */
  finish(): void;
}

/** The work of a call whose rows are packed. */
export function openWork(
  host: TrainingHost,
  one: AttentionCall,
  results: AttentionResults,
  rows: Tensor,
): GradientWork {
  return one.plan.form.kind === "edges"
    ? new EdgeWork(host, one, results, rows)
    : new TileWork(host, one, results, rows);
}

/** Pushes the work of a gradient. */
export function submitAttentionGradient(
  host: TrainingHost,
  one: AttentionCall,
  { output, logSumExp }: { readonly output: Tensor; readonly logSumExp: Tensor | null },
  dy: Tensor,
): AttentionGradients {
  const { q, call } = one;
  const { P, H, D, bias, score, normalizer } = call;
  checkBuffers(host, one, [output, dy, ...(logSumExp ? [logSumExp] : [])]);
  const results = { logSumExp, backward: { output, dy } };
  const rows = submitPackedRows(host, one, results);
  const work = openWork(host, one, results, rows);
  if (normalizer !== "softmax") work.submitStatistics();
  // Which key is chosen does not change with a small change of scores: those get nothing.
  const scoresCount = normalizer !== "hard";
  const queries = scoresCount ? work.submitQueries() : { q: zerosLike(host, q), vector: null };
  const { k, v } = work.submitKeys();
  const ofBias = bias === null ? null : scoresCount ? work.submitBias() : zerosLike(host, tensorOfBias(bias) as Tensor);
  let vector: Tensor | null = null;
  if (score.kind === "additive") {
    const { shape } = score.vector;
    vector = queries.vector ? submitSumRows(host, queries.vector, P, H * D, shape) : zerosLike(host, score.vector);
  }
  work.finish();
  release([rows]);
  return { q: queries.q, k, v, bias: ofBias, vector };
}
