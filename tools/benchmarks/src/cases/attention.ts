// One set: dense, causal, or a window. The peers have no windows that skip work; beside the windows stand their dense
// forms, as long as these fit into memory.
import type { AttentionPattern } from "@saccade/attention-core";
import type { Contestant, PeerFactory, Prepared } from "../contestant.ts";
import { sampleRows } from "../error.ts";
import { expectedAttention, range } from "../oracle.ts";
import { type AttentionInputs, ourAttention } from "../ours.ts";
import { type OnnxSingleForm, onnxSingleForms } from "../peers/onnx-forms.ts";
import { randomNormals } from "../random.ts";
import { attentionHeads, attentionHeadWidth, type BenchmarkCase, type Threads, windowReach } from "../shapes.ts";

/** The longest set that the peers' dense forms can hold. */
const longestDense = 4096;

/** Inputs of `rows` rows for `heads` heads of `headWidth`. */
export function attentionInputs(rows: number, width: number): AttentionInputs {
  return {
    query: randomNormals(rows * width, 1),
    key: randomNormals(rows * width, 2),
    value: randomNormals(rows * width, 3),
  };
}

/** One set of `positions` under `pattern`. */
export function prepareAttention({
  pattern,
  positions,
  heads = attentionHeads,
  threads,
}: BenchmarkCase & { kind: "attention" }): Prepared {
  const width = heads * attentionHeadWidth;
  const inputs = attentionInputs(positions, width);
  const offsets = Int32Array.of(0, positions);
  const options = (): { heads: number } => ({ heads });
  const ours = async (name: string, workers: Threads): Promise<Contestant> =>
    ourAttention(name, workers, width, inputs, (backend) => backend.plan(offsets, offsets, patterns[pattern]), options);
  const keysOf = (row: number): Iterable<number> => {
    if (pattern === "full") return range(0, positions);
    if (pattern === "causal") return range(0, row + 1);
    return range(Math.max(0, row - windowReach), Math.min(positions, row + windowReach + 1));
  };
  return {
    work: { operations: 4 * countPairs(pattern, positions) * width, positions },
    tolerance: 2e-5,
    expected: async () =>
      expectedAttention(sampleRows(positions, positions <= 128 ? positions : 24), width, inputs, keysOf, options),
    ours: async () => ours("saccade", threads),
    alternatives: threads !== "gpu" && threads > 1 ? [async () => ours("saccade, one thread", 1)] : [],
    peers: positions <= longestDense ? densePeers(pattern, positions, heads, inputs, onnxSingleForms(threads)) : [],
  };
}

const patterns: Readonly<Record<"full" | "causal" | "window", AttentionPattern>> = {
  full: { kind: "full" },
  causal: { kind: "causal" },
  window: { kind: "window", left: windowReach, right: windowReach },
};

function countPairs(pattern: "full" | "causal" | "window", positions: number): number {
  if (pattern === "full") return positions * positions;
  if (pattern === "causal") return (positions * (positions + 1)) / 2;
  const reach = Math.min(windowReach, positions - 1);
  return positions * (2 * reach + 1) - reach * (reach + 1);
}

function densePeers(
  pattern: "full" | "causal" | "window",
  positions: number,
  heads: number,
  inputs: AttentionInputs,
  forms: readonly OnnxSingleForm[],
): PeerFactory[] {
  const sizes = { sets: 1, positions, heads, headWidth: attentionHeadWidth };
  const isWindow = pattern === "window";
  const causal = pattern === "causal";
  const onnx = forms.map((form): PeerFactory => ({
    name: `onnxruntime-web ${form}`,
    create: async ({ onnxAttention }) => {
      const dense = await onnxAttention(form, sizes, inputs, { causal });
      return isWindow ? { ...dense, name: `${dense.name}, dense`, rowAt: null } : dense;
    },
  }));
  const settings = isWindow ? { window: windowReach } : { causal };
  return [...onnx, { name: "jax-js", create: async ({ jaxAttention }) => jaxAttention(sizes, inputs, settings) }];
}
