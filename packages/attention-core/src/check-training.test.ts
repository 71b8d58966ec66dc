import { describe, expect, it } from "vitest";
import { checkTrainingAttention } from "./check-training.ts";
import { compilePlan } from "./compile-plan.ts";
import { createReferenceTrainingBackend } from "./reference/index.ts";
import { type Shape, sizeOf, type Tensor } from "./tensor.ts";
import type { TrainingAttentionOptions, TrainingWorkspace } from "./training.ts";

const backend = createReferenceTrainingBackend();
const f32 = (...shape: number[]): Tensor => backend.upload(new Float32Array(sizeOf(shape)), shape);
const i32 = (...shape: number[]): Tensor<"i32"> => backend.upload(new Int32Array(sizeOf(shape)), shape);
const sets = Int32Array.of(0, 4, 6);
const plan = compilePlan(sets, sets, { kind: "full" });

function backward(
  options: Partial<TrainingAttentionOptions>,
  shapes: { readonly output?: Shape; readonly dy?: Shape; readonly logSumExp?: Shape | null } = {},
): (w: TrainingWorkspace) => unknown {
  const { output = [6, 8], dy = [6, 8], logSumExp = [6, 2] } = shapes;
  const attended = { output: f32(...output), logSumExp: logSumExp === null ? null : f32(...logSumExp) };
  return (w) =>
    w.attentionGradient(f32(6, 8), f32(6, 8), f32(6, 8), plan, { heads: 2, ...options }, attended, f32(...dy));
}

type Case = readonly [
  name: string,
  call: (w: TrainingWorkspace) => unknown,
  kind: typeof RangeError | typeof TypeError,
  message: string,
];

const cases: readonly Case[] = [
  [
    "dropout: a rate of 1",
    (w) => w.dropout(f32(2), { rate: 1, seed: 0 }),
    RangeError,
    "Cannot run dropout: the rate of dropout must satisfy 0 <= rate < 1, it is 1",
  ],
  [
    "dropout: a rate that is a text",
    (w) => w.dropout(f32(2), { rate: "0.1" as never, seed: 0 }),
    TypeError,
    "Cannot run dropout: the rate of dropout must be a number, it is string",
  ],
  [
    "dropout: a seed beyond 32 bits",
    (w) => w.dropout(f32(2), { rate: 0.1, seed: 2 ** 32 }),
    RangeError,
    "Cannot run dropout: the seed of dropout must be below 2³², it is 4294967296",
  ],
  [
    "dropout: a seed that is no integer",
    (w) => w.dropout(f32(2), { rate: 0.1, seed: 0.5 }),
    RangeError,
    "Cannot run dropout: the seed of dropout must be an integer >= 0, it is 0.5",
  ],
  [
    "dropout: nothing",
    (w) => w.dropout(f32(2), undefined as never),
    TypeError,
    "Cannot run dropout: dropout must be a rate and a seed, it is undefined",
  ],
  [
    "embedGradient: dy of other rows",
    (w) => w.embedGradient(i32(3), f32(4, 2), 5),
    RangeError,
    "Cannot run embedGradient: dy must be [P, T · W] with P = 3 and T = 1; its shape is [4, 2]",
  ],
  [
    "embedGradient: columns that do not divide",
    (w) => w.embedGradient(i32(3, 2), f32(3, 5), 5),
    RangeError,
    "Cannot run embedGradient: dy must be [P, T · W] with P = 3 and T = 2; its shape is [3, 5]",
  ],
  [
    "embedGradient: ids without a column",
    (w) => w.embedGradient(i32(3, 0), f32(3, 0), 5),
    RangeError,
    "Cannot run embedGradient: ids must be [P] or [P, T] with T >= 1; its shape is [3, 0]",
  ],
  [
    "embedGradient: a negative number of rows",
    (w) => w.embedGradient(i32(3), f32(3, 2), -1),
    RangeError,
    "Cannot run embedGradient: tableRows must be an integer >= 0, it is -1",
  ],
  [
    "linearInputGradient: another width",
    (w) => w.linearInputGradient(f32(3, 4), f32(2, 5)),
    RangeError,
    "Cannot run linearInputGradient: dy must be [P, O] with O = 5, the columns of weight; its shape is [3, 4]",
  ],
  [
    "linearWeightGradient: other rows",
    (w) => w.linearWeightGradient(f32(3, 4), f32(2, 5)),
    RangeError,
    "Cannot run linearWeightGradient: dy must be [P, O] with P = 3, the rows of x; its shape is [2, 5]",
  ],
  [
    "activateGradient: another shape",
    (w) => w.activateGradient(f32(3, 4), "relu", f32(12)),
    RangeError,
    "Cannot run activateGradient: dy must be [3, 4], the shape of x; its shape is [12]",
  ],
  [
    "activateGradient: no activation",
    (w) => w.activateGradient(f32(3), "swish" as never, f32(3)),
    RangeError,
    'Cannot run activateGradient: activation must be one of gelu, geluTanh, relu, silu, tanh, sigmoid, elu; it is "swish"',
  ],
  [
    "layerNormGradient: another shape",
    (w) => w.layerNormGradient(f32(3, 4), f32(4), 1e-5, f32(4, 3)),
    RangeError,
    "Cannot run layerNormGradient: dy must be [3, 4], the shape of x; its shape is [4, 3]",
  ],
  [
    "rmsNormGradient: another gain",
    (w) => w.rmsNormGradient(f32(3, 4), f32(3), 1e-5, f32(3, 4)),
    RangeError,
    "Cannot run rmsNormGradient: gain must be [W] with W = 4; its shape is [3]",
  ],
  [
    "softmaxGradient: another shape",
    (w) => w.softmaxGradient(f32(3, 4), f32(3, 5)),
    RangeError,
    "Cannot run softmaxGradient: dy must be [3, 4], the shape of y; its shape is [3, 5]",
  ],
  [
    "poolGradient: other sets",
    (w) => w.poolGradient(f32(6, 4), sets, "mean", f32(3, 4)),
    RangeError,
    "Cannot run poolGradient: dy must be [N, W], here [2, 4]; its shape is [3, 4]",
  ],
  [
    "unfoldGradient: columns that do not divide",
    (w) => w.unfoldGradient(f32(3, 5), i32(3, 2), 4),
    RangeError,
    "Cannot run unfoldGradient: dy must be [R, T · W] with R = 3 and T = 2; its shape is [3, 5]",
  ],
  [
    "unfoldGradient: half a row",
    (w) => w.unfoldGradient(f32(3, 4), i32(3, 2), 1.5),
    RangeError,
    "Cannot run unfoldGradient: rows must be an integer >= 0, it is 1.5",
  ],
  [
    "rotateGradient: heads that do not divide",
    (w) => w.rotateGradient(f32(3, 4), i32(3), f32(2, 1), f32(2, 1), { heads: 3 }),
    RangeError,
    "Cannot run rotateGradient: dy must be [P, H · D] with H = 3 heads; its shape is [3, 4]",
  ],
  [
    "attentionGradient: an output of another width",
    backward({}, { output: [6, 7] }),
    RangeError,
    "Cannot run attentionGradient: output must be [P, H · value width], here [6, 8]; its shape is [6, 7]",
  ],
  [
    "attentionGradient: dy of another width",
    backward({}, { dy: [6, 7] }),
    RangeError,
    "Cannot run attentionGradient: dy must be [6, 8], the shape of output; its shape is [6, 7]",
  ],
  [
    "attentionGradient: no log-sum-exp for softmax",
    backward({}, { logSumExp: null }),
    TypeError,
    "Cannot run attentionGradient: logSumExp must be a tensor for the normalizer softmax, it is null",
  ],
  [
    "attentionGradient: a log-sum-exp of other heads",
    backward({}, { logSumExp: [6, 1] }),
    RangeError,
    "Cannot run attentionGradient: logSumExp must be [P, H], here [6, 2]; its shape is [6, 1]",
  ],
  [
    "attentionGradient: a log-sum-exp for relu",
    backward({ normalizer: "relu" }),
    TypeError,
    "Cannot run attentionGradient: logSumExp must be null for the normalizer relu, it is",
  ],
  [
    "attentionGradient: a rate of 2",
    backward({ dropout: { rate: 2, seed: 0 } }),
    RangeError,
    "Cannot run attention: the rate of dropout must satisfy 0 <= rate < 1, it is 2",
  ],
];

describe("checks of gradients", () => {
  it.each(cases)("refuse %s", (_, call, kind, message) => {
    using workspace = backend.workspace();
    expect(() => call(workspace)).toThrow(kind);
    expect(() => call(workspace)).toThrow(message);
  });

  it("take a rate of 0 for no dropout", () => {
    const x = f32(6, 8);
    const { dropout } = checkTrainingAttention(x, x, x, plan, { heads: 2, dropout: { rate: 0, seed: 1 } });
    expect(dropout).toBeNull();
  });

  it("look at no map of a call that goes backward", () => {
    using workspace = backend.workspace();
    expect(() => backward({ maps: { topK: 0, rows: Int32Array.of(99) } })(workspace)).not.toThrow();
  });
});
