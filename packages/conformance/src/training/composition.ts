// The gradients of a set alone and of the same set within a batch, bit by bit; and the same call twice.

import { type AttentionPattern, offsetsOf, type Tensor, type TrainingBackend } from "@saccade/attention-core";
import { batchLengths, type SplitPattern, splitPatterns } from "../cases/composition.ts";
import { seeded } from "../random.ts";
import {
  drawTensor,
  type GradientBody,
  type Result,
  runBody,
  type TrainingCase,
  trainingCase,
} from "./training-case.ts";

const group = "gradients: composition";
const heads = 4;
const kvHeads = 2;
const width = 16;
const W = heads * width;

/** Gradients of the rows of x [P, 64], under the names of what they belong to. */
function rowGradients(
  x: Float32Array,
  offsets: Int32Array,
  pattern: AttentionPattern,
  backend: TrainingBackend,
): GradientBody {
  return (workspace, random) => {
    const P = offsets.at(-1)!;
    const rows = workspace.upload(x, [P, W]);
    const weightOf = (columns: number): Tensor => drawTensor(workspace, random, [W, columns], 0.2);
    const gain = drawTensor(workspace, random, [W]);
    const weight = weightOf(37);
    const q = workspace.linear(rows, weightOf(heads * width));
    const k = workspace.linear(rows, weightOf(kvHeads * width));
    const v = workspace.linear(rows, weightOf(kvHeads * width));
    const dy = workspace.linear(rows, weightOf(heads * width));
    const plan = backend.plan(offsets, offsets, pattern);
    const { output, maps } = workspace.attention(q, k, v, plan, { heads, kvHeads, maps: { logSumExp: true } });
    const attended = { output, logSumExp: maps.logSumExp! };
    const attention = workspace.attentionGradient(q, k, v, plan, { heads, kvHeads }, attended, dy);
    const pooled = (["mean", "max", "first", "sum"] as const).map((how) => [
      `pool, ${how}`,
      workspace.poolGradient(rows, offsets, how, workspace.pool(dy, offsets, how)),
    ]);
    const windows = workspace.upload(windowsWithinSets(offsets), [P, 3]);
    return {
      q: attention.q,
      k: attention.k,
      v: attention.v,
      "linear, x": workspace.linearInputGradient(workspace.linear(rows, weight), weight),
      "layerNorm, x": workspace.layerNormGradient(rows, gain, 1e-5, dy).x,
      "rmsNorm, x": workspace.rmsNormGradient(rows, gain, 1e-5, dy).x,
      softmax: workspace.softmaxGradient(workspace.softmax(rows), dy),
      gelu: workspace.activateGradient(rows, "gelu", dy),
      unfold: workspace.unfoldGradient(workspace.unfold(dy, windows), windows, P),
      ...(Object.fromEntries(pooled) as Record<string, Tensor>),
    };
  };
}

/** The row before, the row itself and the row after, within its set. */
function windowsWithinSets(offsets: Int32Array): Int32Array {
  const windows: number[] = [];
  for (let set = 0; set + 1 < offsets.length; set++) {
    for (let row = offsets[set]!; row < offsets[set + 1]!; row++) {
      windows.push(row > offsets[set]! ? row - 1 : -1, row, row + 1 < offsets[set + 1]! ? row + 1 : -1);
    }
  }
  return Int32Array.from(windows);
}

function aloneCase(name: string, split: () => SplitPattern): TrainingCase {
  return {
    ...trainingCase(group, `a set alone is the set in a batch, ${name}`, async ({ backend, check }) => {
      const { whole, ofSet } = split();
      const offsets = offsetsOf(batchLengths);
      const x = seeded("composition, rows").normals(offsets.at(-1)! * W);
      const batch = await runBody(backend, group, rowGradients(x, offsets, whole, backend));
      for (let set = 0; set < batchLengths.length; set++) {
        const [from, to] = [offsets[set]!, offsets[set + 1]!];
        const alone = rowGradients(x.slice(from * W, to * W), Int32Array.of(0, to - from), ofSet(set), backend);
        for (const [what, { shape, values }] of Object.entries(await runBody(backend, group, alone))) {
          const columns = shape[1]!;
          check.same(`set ${set}, ${what}`, values, batch[what]!.values.slice(from * columns, to * columns));
        }
      }
    }),
    requires: "bitwise",
  };
}

/** Gradients that are sums over a batch. */
function parameterGradients(backend: TrainingBackend): GradientBody {
  return (workspace, random) => {
    const offsets = offsetsOf(batchLengths);
    const P = offsets.at(-1)!;
    const draw = (shape: readonly number[]): Tensor => drawTensor(workspace, random, shape);
    const [q, k, v, dy, gain] = [draw([P, W]), draw([P, W]), draw([P, W]), draw([P, W]), draw([W])];
    const plan = backend.plan(offsets, offsets, { kind: "causal" });
    const options = {
      heads,
      bias: { kind: "relative", table: draw([heads, 9]) },
      score: { kind: "additive", vector: draw([heads, width]), activation: "tanh" },
      dropout: { rate: 0.2, seed: 1 },
    } as const;
    const { output, maps } = workspace.attention(q, k, v, plan, { ...options, maps: { logSumExp: true } });
    const attended = { output, logSumExp: maps.logSumExp! };
    const { bias, vector } = workspace.attentionGradient(q, k, v, plan, options, attended, dy);
    const norm = workspace.layerNormGradient(q, gain, 1e-5, dy);
    const ids = workspace.upload(
      Int32Array.from({ length: P }, () => random.integer(0, 3)),
      [P],
    );
    return {
      "table of a relative bias": bias!,
      "vector of an additive score": vector!,
      weight: workspace.linearWeightGradient(q, dy),
      "gain of layerNorm": norm.gain,
      "bias of layerNorm": norm.bias,
      "gain of rmsNorm": workspace.rmsNormGradient(q, gain, 1e-5, dy).gain,
      table: workspace.embedGradient(ids, dy, 4),
    };
  };
}

/** The cases of this file. */
export function gradientCompositionCases(): TrainingCase[] {
  return [
    ...Object.entries(splitPatterns).map(([name, split]) => aloneCase(name, split)),
    {
      ...trainingCase(group, "the same call twice gives the same bits", async ({ backend, check }) => {
        const run = (): Promise<Readonly<Record<string, Result>>> =>
          runBody(backend, group, parameterGradients(backend));
        const [first, second] = [await run(), await run()];
        for (const [what, { values }] of Object.entries(first)) check.same(what, values, second[what]!.values);
      }),
      requires: "bitwise",
    },
  ];
}
