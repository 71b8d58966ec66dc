// Arguments of gradients that do not fit are refused at the call, by TypeError or RangeError, and the backend stays usable.

import {
  type AttentionGradients,
  type Dropout,
  type Tensor,
  type TrainingAttentionOptions,
  type TrainingBackend,
  type TrainingWorkspace,
} from "@saccade/attention-core";
import { withWorkspace } from "../backend-case.ts";
import { type TrainingCase, trainingCase } from "./training-case.ts";

const group = "gradients: arguments";
const refused = ["TypeError", "RangeError"];
const sets = Int32Array.of(0, 4, 6);

/** Tensors to misuse. */
interface Material {
  readonly workspace: TrainingWorkspace;
  /** [6, 8] */
  readonly x: Tensor;
  /** [6, 7] */
  readonly other: Tensor;
  /** [8] */
  readonly row: Tensor;
  /** i32 [6] */
  readonly ids: Tensor<"i32">;
  /** i32 [2, 3] */
  readonly windows: Tensor<"i32">;
  /** [6, 2] */
  readonly logSumExp: Tensor;
  readonly attend: (dropout: Dropout) => unknown;
  readonly backward: (changes: {
    readonly output?: Tensor;
    readonly logSumExp?: Tensor | null;
    readonly dy?: Tensor;
    readonly options?: Partial<TrainingAttentionOptions>;
  }) => AttentionGradients;
}

const wrong: Readonly<Record<string, (material: Material) => unknown>> = {
  "dropout() of rate 1": ({ workspace, x }) => workspace.dropout(x, { rate: 1, seed: 0 }),
  "dropout() of a negative rate": ({ workspace, x }) => workspace.dropout(x, { rate: -0.1, seed: 0 }),
  "dropout() of rate NaN": ({ workspace, x }) => workspace.dropout(x, { rate: NaN, seed: 0 }),
  "dropout() with a negative seed": ({ workspace, x }) => workspace.dropout(x, { rate: 0.1, seed: -1 }),
  "dropout() with a seed of 2^32": ({ workspace, x }) => workspace.dropout(x, { rate: 0.1, seed: 2 ** 32 }),
  "dropout() with a seed of 1.5": ({ workspace, x }) => workspace.dropout(x, { rate: 0.1, seed: 1.5 }),
  "dropout() of integers": ({ workspace, ids }) => workspace.dropout(ids as unknown as Tensor, { rate: 0.1, seed: 0 }),
  "attention() with dropout of rate 1": ({ attend }) => attend({ rate: 1, seed: 0 }),
  "attention() with dropout and a seed of -1": ({ attend }) => attend({ rate: 0, seed: -1 }),
  "attentionGradient() with dy of other columns": ({ backward, other }) => backward({ dy: other }),
  "attentionGradient() with an output of other columns": ({ backward, other }) => backward({ output: other }),
  "attentionGradient() of softmax without a log-sum-exp": ({ backward }) => backward({ logSumExp: null }),
  "attentionGradient() with a log-sum-exp of another shape": ({ backward, x }) => backward({ logSumExp: x }),
  "attentionGradient() of relu with a log-sum-exp": ({ backward }) => backward({ options: { normalizer: "relu" } }),
  "attentionGradient() with heads that do not divide": ({ backward }) => backward({ options: { heads: 3 } }),
  "attentionGradient() with a bias of another size": ({ backward, row }) =>
    backward({ options: { bias: { kind: "dense", values: row, heads: 2 } } }),
  "attentionGradient() with dropout of rate 2": ({ backward }) =>
    backward({ options: { dropout: { rate: 2, seed: 0 } } }),
  "embedGradient() with dy of other rows": ({ workspace, ids, logSumExp }) =>
    workspace.embedGradient(ids, workspace.reshape(logSumExp, [4, 3]), 5),
  "embedGradient() with columns that do not divide": ({ workspace, windows }) =>
    workspace.embedGradient(windows, workspace.upload(new Float32Array(8), [2, 4]), 5),
  "embedGradient() with ids of floats": ({ workspace, x, row }) =>
    workspace.embedGradient(row as unknown as Tensor<"i32">, x, 5),
  "embedGradient() of a negative number of rows": ({ workspace, ids, x }) => workspace.embedGradient(ids, x, -1),
  "embedGradient() of half a row": ({ workspace, ids, x }) => workspace.embedGradient(ids, x, 2.5),
  "linearInputGradient() with a weight of other columns": ({ workspace, x, other }) =>
    workspace.linearInputGradient(x, other),
  "linearInputGradient() with a weight of one axis": ({ workspace, x, row }) => workspace.linearInputGradient(x, row),
  "linearWeightGradient() with dy of other rows": ({ workspace, x }) =>
    workspace.linearWeightGradient(x, workspace.upload(new Float32Array(10), [5, 2])),
  "activateGradient() with dy of another shape": ({ workspace, x, other }) =>
    workspace.activateGradient(x, "relu", other),
  "activateGradient() with an unknown activation": ({ workspace, x }) =>
    workspace.activateGradient(x, "softplus" as "relu", x),
  "layerNormGradient() with dy of another shape": ({ workspace, x, row, other }) =>
    workspace.layerNormGradient(x, row, 1e-5, other),
  "layerNormGradient() with a gain of another length": ({ workspace, x }) =>
    workspace.layerNormGradient(x, workspace.upload(new Float32Array(6), [6]), 1e-5, x),
  "layerNormGradient() with epsilon -1": ({ workspace, x, row }) => workspace.layerNormGradient(x, row, -1, x),
  "rmsNormGradient() with dy of another shape": ({ workspace, x, row, other }) =>
    workspace.rmsNormGradient(x, row, 1e-5, other),
  "softmaxGradient() with dy of another shape": ({ workspace, x, other }) => workspace.softmaxGradient(x, other),
  "poolGradient() with dy of other rows": ({ workspace, x }) => workspace.poolGradient(x, sets, "mean", x),
  "poolGradient() with offsets that end early": ({ workspace, x }) =>
    workspace.poolGradient(x, Int32Array.of(0, 5), "mean", workspace.upload(new Float32Array(8), [1, 8])),
  "poolGradient() in an unknown way": ({ workspace, x }) =>
    workspace.poolGradient(x, sets, "median" as "mean", workspace.upload(new Float32Array(16), [2, 8])),
  "unfoldGradient() with dy of other rows": ({ workspace, x, windows }) => workspace.unfoldGradient(x, windows, 6),
  "unfoldGradient() with windows of one axis": ({ workspace, x, ids }) => workspace.unfoldGradient(x, ids, 6),
  "unfoldGradient() of a negative number of rows": ({ workspace, windows }) =>
    workspace.unfoldGradient(workspace.upload(new Float32Array(12), [2, 6]), windows, -1),
  "rotateGradient() with heads that do not divide": ({ workspace, x, ids }) =>
    workspace.rotateGradient(x, ids, x, x, { heads: 3 }),
  "rotateGradient() with cosines of another width": ({ workspace, x, ids }) =>
    workspace.rotateGradient(x, ids, x, x, { heads: 1 }),
};

/** The cases of this file. */
export function gradientArgumentCases(): TrainingCase[] {
  return Object.entries(wrong).map(([name, call]) =>
    trainingCase(group, `${name} is refused`, ({ backend, check }) =>
      withWorkspace(backend, async (workspace) => {
        const material = materialOf(backend, workspace);
        let thrown = false;
        try {
          call(material);
        } catch (error) {
          thrown = error instanceof Error && refused.includes(error.name);
          if (!thrown) throw error;
        }
        check.that(`${name} must throw ${refused.join(" or ")} at the call`, thrown);
        const dx = workspace.activateGradient(material.x, "relu", material.x);
        check.same("the workspace stays usable", await workspace.read(dx), new Float32Array(48).fill(0.5));
      }),
    ),
  );
}

function materialOf(backend: TrainingBackend, workspace: TrainingWorkspace): Material {
  const x = workspace.upload(new Float32Array(48).fill(0.5), [6, 8]);
  const logSumExp = workspace.upload(new Float32Array(12), [6, 2]);
  const plan = backend.plan(sets, sets, { kind: "full" });
  return {
    workspace,
    x,
    other: workspace.upload(new Float32Array(42), [6, 7]),
    row: workspace.upload(new Float32Array(8), [8]),
    ids: workspace.upload(new Int32Array(6), [6]),
    windows: workspace.upload(new Int32Array(6), [2, 3]),
    logSumExp,
    attend: (dropout) => workspace.attention(x, x, x, plan, { heads: 2, dropout }),
    backward: (changes) => {
      const { output = x, dy = x, options } = changes;
      const attended = { output, logSumExp: changes.logSumExp === undefined ? logSumExp : changes.logSumExp };
      return workspace.attentionGradient(x, x, x, plan, { heads: 2, ...options }, attended, dy);
    },
  };
}
