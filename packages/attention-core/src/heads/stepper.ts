// The device's side of a search: runs the new tokens of all hypotheses through the decoder, and keeps what it has
// seen. Each step has a workspace of its own, so that memory does not grow with steps beyond the cache.

import type { Backend, Workspace } from "../backend.ts";
import { type DecoderCache, emptyCache, gatherCache, keepCache, projectMemory } from "../decoder/decoder-cache.ts";
import { dispose } from "../disposal.ts";
import { gatherRows } from "../layers/gather.ts";
import { applyLinear, type LinearWeights } from "../layers/linear.ts";
import { offsetsOf } from "../ragged.ts";
import type { Tensor } from "../tensor.ts";
import { decodeTokens, type GenerationConfig, type GenerationWeights, outputMap } from "./generation.ts";
import type { Stepper } from "./search.ts";

/** What a set begins with: at least one token, such as a start token. */
export interface Prompts {
  /** [P]. */
  readonly tokens: Int32Array;
  /** [N + 1]. */
  readonly offsets: Int32Array;
}

/**
 * The rows of an encoder: `rows` [memory rows, S] at `offsets` [N + 1]. They must outlive the workspace that made them:
 * uploaded to the backend, or kept (`Workspace.keep`).
 */
export interface Memory {
  readonly rows: Tensor;
  readonly offsets: Int32Array;
}

/** Opens a stepper over `prompts`; disposing it frees the cache. `signal` aborts a step between layers. */
export function openStepper(
  backend: Backend,
  config: GenerationConfig,
  weights: GenerationWeights,
  prompts: Prompts,
  memory?: Memory,
  signal?: AbortSignal,
): Stepper & Disposable {
  let cache = emptyCache(prompts.offsets.length - 1);
  let source: DecoderCache | null = null;
  let output: LinearWeights | null = weights.output;

  const replaceCache = (longer: DecoderCache): void => {
    cache[dispose]();
    cache = longer;
  };
  const run = async (
    workspace: Workspace,
    past: DecoderCache,
    tokens: Int32Array,
    offsets: Int32Array,
    memoryQueries: Int32Array,
  ): Promise<Float32Array> => {
    if (memory)
      source ??= keepCache(
        workspace,
        projectMemory(workspace, config.decoder, weights.decoder, memory.rows, memory.offsets),
      );
    output ??= keepMap(workspace, outputMap(workspace, weights));
    const context = source
      ? { keysValues: source, plan: backend.plan(memoryQueries, source.offsets, { kind: "full" }) }
      : undefined;
    const decoded = await decodeTokens(backend, workspace, config, weights, tokens, offsets, {
      cache: past,
      memory: context,
    });
    const last = gatherRows(
      workspace,
      decoded.rows,
      offsets.subarray(1).map((end) => end - 1),
    );
    const scores = workspace.softmax(applyLinear(workspace, output, last), { log: true });
    // Kept before the read: the read drives all work up to it, and the workspace goes right after.
    const kept = decoded.cache && keepCache(workspace, decoded.cache);
    try {
      const values = await workspace.read(scores);
      if (kept) replaceCache(kept);
      return values;
    } catch (error) {
      kept?.[dispose]();
      throw error;
    }
  };

  const inWorkspace = async (step: (workspace: Workspace) => Promise<Float32Array>): Promise<Float32Array> => {
    const workspace = backend.workspace(signal);
    try {
      return await step(workspace);
    } finally {
      workspace[dispose]();
    }
  };

  return {
    begin: () => inWorkspace((workspace) => run(workspace, cache, prompts.tokens, prompts.offsets, prompts.offsets)),
    advance: (parents, tokens, counts) =>
      inWorkspace((workspace) => {
        const isSame = parents.length === cache.offsets.length - 1 && parents.every((parent, at) => parent === at);
        const past = isSame ? cache : gatherCache(workspace, cache, parents);
        const offsets = offsetsOf(new Int32Array(tokens.length).fill(1));
        return run(workspace, past, tokens, offsets, offsetsOf(counts));
      }),
    [dispose]: () => {
      cache[dispose]();
      source?.[dispose]();
      if (!weights.output) output?.weight[dispose]();
    },
  };
}

function keepMap(workspace: Workspace, { weight }: LinearWeights): LinearWeights {
  return { weight: workspace.keep(weight), bias: null };
}
