// Training backends with one thing wrong each: the reference behind a wrapper that spoils a gradient.

import {
  type AttentionGradients,
  type AttentionPlan,
  dispose,
  type Tensor,
  type TrainingAttentionOptions,
  type TrainingBackend,
  type TrainingWorkspace,
} from "@saccade/attention-core";
import { createReferenceTrainingBackend } from "@saccade/attention-core/reference";
import { over } from "./over.ts";

/** A fault, and the group of cases that must notice it. */
export interface TrainingMutant {
  readonly group: string;
  readonly open: () => TrainingBackend;
}

type Change = (workspace: TrainingWorkspace) => Partial<TrainingWorkspace>;

function withWorkspace(change: Change): () => TrainingBackend {
  return () => {
    const backend = createReferenceTrainingBackend();
    return over<TrainingBackend>(backend, {
      workspace: (signal) => {
        const workspace = backend.workspace(signal);
        return over(workspace, change(workspace));
      },
    });
  };
}

/** Attention's gradient under other options. */
function withOptions(change: (options: TrainingAttentionOptions) => TrainingAttentionOptions): () => TrainingBackend {
  return withWorkspace((workspace) => ({
    attentionGradient: (q, k, v, plan, options, attended, dy) =>
      workspace.attentionGradient(q, k, v, plan, change(options), attended, dy),
  }));
}

/** Attention's gradient with other results. */
function withGradients(
  change: (
    gradients: AttentionGradients,
    workspace: TrainingWorkspace,
    plan: AttentionPlan,
    options: TrainingAttentionOptions,
  ) => AttentionGradients,
): () => TrainingBackend {
  return withWorkspace((workspace) => ({
    attentionGradient: (q, k, v, plan, options, attended, dy) =>
      change(workspace.attentionGradient(q, k, v, plan, options, attended, dy), workspace, plan, options),
  }));
}

function times(workspace: TrainingWorkspace, x: Tensor, factor: number): Tensor {
  const size = x.shape.reduce((a, b) => a * b, 1);
  return workspace.multiply(x, workspace.upload(new Float32Array(size).fill(factor), x.shape));
}

function plus(workspace: TrainingWorkspace, x: Tensor, summand: number): Tensor {
  const size = x.shape.reduce((a, b) => a * b, 1);
  return workspace.add(x, workspace.upload(new Float32Array(size).fill(summand), x.shape));
}

const attention = "gradients of attention";

/** Every fault by name. */
export const trainingMutants: Readonly<Record<string, TrainingMutant>> = {
  "forgets the scale": {
    group: `${attention}: scores`,
    open: withOptions((options) =>
      options.scale === undefined ? options : { ...options, scale: options.scale * 0.5 },
    ),
  },
  "forgets the softcap": {
    group: `${attention}: scores`,
    open: withOptions((options) => ({ ...options, softcap: 0 })),
  },
  "forgets the slope": {
    group: `${attention}: scores`,
    open: withOptions((options) =>
      options.score?.kind === "additive" ? { ...options, score: { ...options.score, slope: 0.19 } } : options,
    ),
  },
  "forgets the bias in the weights": {
    group: `${attention}: scores`,
    open: withWorkspace((workspace) => ({
      attentionGradient: (q, k, v, plan, options, attended, dy) => {
        const { bias, ...rest } = options;
        const found = workspace.attentionGradient(q, k, v, plan, options, attended, dy);
        return bias?.kind === "dense"
          ? { ...workspace.attentionGradient(q, k, v, plan, rest, attended, dy), bias: found.bias }
          : found;
      },
    })),
  },
  "halves the gradient of a bias": {
    group: `${attention}: scores`,
    open: withGradients((found, workspace) => ({
      ...found,
      bias: found.bias === null ? null : times(workspace, found.bias, 0.5),
    })),
  },
  "has no gradient for the vector": {
    group: `${attention}: scores`,
    open: withGradients((found) => ({ ...found, vector: null })),
  },
  "gives scores a gradient where the normalizer is hard": {
    group: `${attention}: scores`,
    open: withGradients((found, workspace, _, { normalizer }) =>
      normalizer === "hard" ? { ...found, q: plus(workspace, found.q, 1e-9) } : found,
    ),
  },
  "is off by 1 in 1,000": {
    group: `${attention}: shapes`,
    open: withGradients((found, workspace) => ({ ...found, v: times(workspace, found.v, 1.001) })),
  },
  "leaves queries without keys almost zero": {
    group: `${attention}: patterns`,
    open: withGradients((found, workspace) => ({ ...found, q: plus(workspace, found.q, 1e-12) })),
  },
  "leaves keys that nobody attends to almost zero": {
    group: `${attention}: patterns`,
    open: withGradients((found, workspace) => ({ ...found, k: plus(workspace, found.k, 1e-12) })),
  },
  "leaks NaN from behind a mask": {
    group: `${attention}: not finite`,
    open: withWorkspace((workspace) => ({
      attentionGradient: (q, k, v, plan, options, attended, dy) => {
        const found = workspace.attentionGradient(q, k, v, plan, options, attended, dy);
        return { ...found, v: workspace.add(found.v, times(workspace, v, 0)) };
      },
    })),
  },
  "goes backward without dropout": {
    group: "dropout",
    open: withOptions((options) => ({ ...options, dropout: { rate: 0, seed: 0 } })),
  },
  "drops other weights than it says": {
    group: "dropout",
    open: withWorkspace((workspace) => ({
      attention: (q, k, v, plan, options) =>
        workspace.attention(q, k, v, plan, {
          ...options,
          ...(options.dropout ? { dropout: { ...options.dropout, seed: options.dropout.seed ^ 1 } } : {}),
        }),
    })),
  },
  "drops other elements than it says": {
    group: "dropout",
    open: withWorkspace((workspace) => ({
      dropout: (x, { rate, seed }) => workspace.dropout(x, { rate, seed: (seed + 1) % 2 ** 32 }),
    })),
  },
  "drops without scaling the rest": {
    group: "dropout",
    open: withWorkspace((workspace) => ({
      dropout: (x, dropout) => times(workspace, workspace.dropout(x, dropout), 1 - dropout.rate),
    })),
  },
  "takes the approximate for the exact GELU": {
    group: "gradients: activate",
    open: withWorkspace((workspace) => ({
      activateGradient: (x, activation, dy) =>
        workspace.activateGradient(x, activation === "gelu" ? "geluTanh" : activation, dy),
    })),
  },
  "sums a weight over all rows but one": {
    group: "gradients: linear",
    open: withWorkspace((workspace) => ({
      linearWeightGradient: (x, dy) => {
        const P = x.shape[0]!;
        const ids = workspace.upload(
          Int32Array.from({ length: P }, (_, row) => (row === P - 1 ? -1 : row)),
          [P],
        );
        return workspace.linearWeightGradient(x, workspace.embed(dy, ids));
      },
    })),
  },
  "ignores epsilon": {
    group: "gradients: layerNorm",
    open: withWorkspace((workspace) => ({
      layerNormGradient: (x, gain, _, dy) => workspace.layerNormGradient(x, gain, 1e-12, dy),
    })),
  },
  "forgets the gain": {
    group: "gradients: rmsNorm",
    open: withWorkspace((workspace) => ({
      rmsNormGradient: (x, gain, epsilon, dy) => {
        const ones = workspace.upload(new Float32Array(gain.shape[0]!).fill(1), gain.shape);
        return {
          ...workspace.rmsNormGradient(x, gain, epsilon, dy),
          x: workspace.rmsNormGradient(x, ones, epsilon, dy).x,
        };
      },
    })),
  },
  "takes the logarithm for the softmax": {
    group: "gradients: softmax",
    open: withWorkspace((workspace) => ({ softmaxGradient: (y, dy) => workspace.softmaxGradient(y, dy) })),
  },
  "writes a row of a table where it should add": {
    group: "gradients: embed",
    open: withWorkspace((workspace) => ({
      embedGradient: (ids, dy, rows) =>
        ids.shape.length > 1
          ? workspace.embedGradient(ids, dy, rows)
          : workspace.embedGradient(ids, times(workspace, dy, 0.5), rows),
    })),
  },
  "folds one row too far": {
    group: "gradients: unfold",
    open: withWorkspace((workspace) => ({
      unfoldGradient: (dy, windows, rows) => {
        const dx = workspace.unfoldGradient(dy, windows, rows);
        const ids = workspace.upload(
          Int32Array.from({ length: rows }, (_, row) => row - 1),
          [rows],
        );
        return workspace.embed(dx, ids);
      },
    })),
  },
  "shares a maximum among equals": {
    group: "gradients: pool",
    open: withWorkspace((workspace) => ({
      poolGradient: (x, offsets, how, dy) =>
        workspace.poolGradient(how === "max" ? times(workspace, x, -0) : x, offsets, how, dy),
    })),
  },
  "turns the same way again": {
    group: "gradients: rotate",
    open: withWorkspace((workspace) => ({
      rotateGradient: (dy, positions, cos, sin, options) => workspace.rotate(dy, positions, cos, sin, options),
    })),
  },
  "depends on the size of the batch": {
    group: "gradients: composition",
    open: withWorkspace((workspace) => ({
      linearInputGradient: (dy, weight) => {
        const dx = workspace.linearInputGradient(dy, weight);
        return times(workspace, dx, 1 + dy.shape[0]! * 2 ** -23);
      },
    })),
  },
  "takes a rate of 1": {
    group: "gradients: arguments",
    open: withWorkspace((workspace) => ({
      dropout: (x, { rate, seed }) => workspace.dropout(x, { rate: Math.min(rate, 0.5), seed }),
    })),
  },
  "computes in the memory of its arguments": {
    group: "gradients: lifetime",
    open: withWorkspace((workspace) => ({
      activateGradient: (x, activation, dy) => {
        const dx = workspace.activateGradient(x, activation, dy);
        dy[dispose]();
        return dx;
      },
    })),
  },
};
