// Arguments that do not fit are refused at the call, by TypeError or RangeError, and the backend stays usable.

import {
  type AttentionOptions,
  type AttentionPattern,
  type Backend,
  dispose,
  type Tensor,
  type Workspace,
} from "@saccade/attention-core";
import { type BackendCase, withWorkspace } from "../backend-case.ts";

const group = "arguments";
const refused = ["TypeError", "RangeError"];

/** Tensors to misuse. */
interface Material {
  readonly backend: Backend;
  readonly workspace: Workspace;
  /** [6, 8] */
  readonly x: Tensor;
  /** [8] */
  readonly row: Tensor;
  /** i32 [6] */
  readonly ids: Tensor<"i32">;
  readonly attend: (options: Partial<AttentionOptions>, pattern?: AttentionPattern) => unknown;
}

const sets = Int32Array.of(0, 4, 6);
const graph: AttentionPattern = {
  kind: "neighbors",
  offsets: Int32Array.of(0, 1, 1, 2, 2, 2, 3),
  indices: Int32Array.of(0, 3, 1),
};

const wrong: Readonly<Record<string, (material: Material) => unknown>> = {
  "upload() of too few values": ({ workspace }) => workspace.upload(Float32Array.of(1, 2), [3]),
  "upload() with a negative axis": ({ workspace }) => workspace.upload(Float32Array.of(1, 2), [-1, -2]),
  "upload() of doubles": ({ workspace }) => workspace.upload(Float64Array.of(1, 2) as unknown as Float32Array, [2]),
  "upload() of a backend, too few values": ({ backend }) => backend.upload(Float32Array.of(1, 2), [3]),
  "linear() with a weight of other rows": ({ workspace, x }) =>
    workspace.linear(x, workspace.upload(new Float32Array(14), [7, 2])),
  "linear() with a bias of another length": ({ workspace, x }) =>
    workspace.linear(x, workspace.upload(new Float32Array(16), [8, 2]), workspace.upload(new Float32Array(3), [3])),
  "linear() with a weight of one axis": ({ workspace, x, row }) => workspace.linear(x, row),
  "linear() of integers": ({ workspace, x, ids }) =>
    workspace.linear(workspace.reshape(ids, [1, 6]) as unknown as Tensor, x),
  "linear() with an unknown activation": ({ workspace, x }) =>
    workspace.linear(x, workspace.upload(new Float32Array(64), [8, 8]), null, "softplus" as "relu"),
  "activate() with an unknown activation": ({ workspace, x }) => workspace.activate(x, "constructor" as "relu"),
  "add() of other shapes": ({ workspace, x }) => workspace.add(x, workspace.upload(new Float32Array(6), [6])),
  "multiply() of other shapes": ({ workspace, x }) =>
    workspace.multiply(x, workspace.upload(new Float32Array(24), [3, 8])),
  "layerNorm() with a gain of another length": ({ workspace, x }) =>
    workspace.layerNorm(x, workspace.upload(new Float32Array(6), [6]), null, 1e-5),
  "layerNorm() with epsilon NaN": ({ workspace, x, row }) => workspace.layerNorm(x, row, null, NaN),
  "rmsNorm() with a gain of another length": ({ workspace, x }) =>
    workspace.rmsNorm(x, workspace.upload(new Float32Array(6), [6]), 1e-5),
  "embed() with ids of floats": ({ workspace, x, row }) => workspace.embed(x, row as unknown as Tensor<"i32">),
  "pool() with offsets that end early": ({ workspace, x }) => workspace.pool(x, Int32Array.of(0, 5), "mean"),
  "pool() with offsets that decrease": ({ workspace, x }) => workspace.pool(x, Int32Array.of(0, 4, 2, 6), "mean"),
  "pool() in an unknown way": ({ workspace, x }) => workspace.pool(x, sets, "median" as "mean"),
  "unfold() with windows of one axis": ({ workspace, x, ids }) => workspace.unfold(x, ids),
  "rotate() with an odd width": ({ workspace, x, ids }) => workspace.rotate(x, ids, x, x, { heads: 1, width: 3 }),
  "rotate() with heads that do not divide": ({ workspace, x, ids }) => workspace.rotate(x, ids, x, x, { heads: 3 }),
  "rotate() with cosines of another width": ({ workspace, x, ids }) => workspace.rotate(x, ids, x, x, { heads: 1 }),
  "concatenate() of nothing": ({ workspace }) => workspace.concatenate([]),
  "concatenate() of other rows": ({ workspace, x, row }) => workspace.concatenate([x, workspace.reshape(row, [1, 8])]),
  "slice() beyond the columns": ({ workspace, x }) => workspace.slice(x, 4, 9),
  "slice() backwards": ({ workspace, x }) => workspace.slice(x, 4, 3),
  "append() of other widths": ({ workspace, x }) =>
    workspace.append([
      { rows: x, offsets: sets },
      { rows: workspace.upload(new Float32Array(12), [6, 2]), offsets: sets },
    ]),
  "append() of other numbers of sets": ({ workspace, x }) =>
    workspace.append([
      { rows: x, offsets: sets },
      { rows: x, offsets: Int32Array.of(0, 6) },
    ]),
  "reshape() to another size": ({ workspace, x }) => workspace.reshape(x, [5, 8]),
  "attention() with heads that do not divide the width": ({ attend }) => attend({ heads: 3 }),
  "attention() with no heads": ({ attend }) => attend({ heads: 0 }),
  "attention() with key heads that do not divide heads": ({ attend }) => attend({ heads: 4, kvHeads: 3 }),
  "attention() with a negative softcap": ({ attend }) => attend({ softcap: -1 }),
  "attention() with scale NaN": ({ attend }) => attend({ scale: NaN }),
  "attention() with an unknown normalizer": ({ attend }) => attend({ normalizer: "softplus" as "relu" }),
  "attention() with rows that are not the plan's": ({ backend, workspace, x }) =>
    workspace.attention(x, x, x, backend.plan(Int32Array.of(0, 5), Int32Array.of(0, 5), { kind: "full" }), {
      heads: 2,
    }),
  "attention() with keys of another width": ({ backend, workspace, x }) =>
    workspace.attention(x, workspace.slice(x, 0, 4), x, backend.plan(sets, sets, { kind: "full" }), { heads: 2 }),
  "attention() with a dense bias of another size": ({ attend, row }) =>
    attend({ bias: { kind: "dense", values: row, heads: 2 } }),
  "attention() with a bias per edge, but no edges": ({ attend, x }) => attend({ bias: { kind: "edges", values: x } }),
  "attention() with a bias for other edges": ({ attend, x }) => attend({ bias: { kind: "edges", values: x } }, graph),
  "attention() with slopes for other heads": ({ attend, row }) => attend({ bias: { kind: "alibi", slopes: row } }),
  "attention() with a relative table of an even width": ({ attend, workspace }) =>
    attend({ bias: { kind: "relative", table: workspace.upload(new Float32Array(8), [2, 4]) } }),
  "attention() with an additive vector of another shape": ({ attend, x }) =>
    attend({ score: { kind: "additive", vector: x, activation: "tanh" } }),
  "attention() with a map of rows that are not there": ({ attend }) => attend({ maps: { rows: Int32Array.of(6) } }),
  "attention() with topK 0": ({ attend }) => attend({ maps: { topK: 0 } }),
  "attention() with a map of edges, but no edges": ({ attend }) => attend({ maps: { edges: true } }),
  "attention() with the entropy of relu": ({ attend }) => attend({ normalizer: "relu", maps: { entropy: true } }),
  "attention() with the log-sum-exp of hard": ({ attend }) => attend({ normalizer: "hard", maps: { logSumExp: true } }),
  "plan() with other numbers of sets": ({ backend }) => backend.plan(sets, Int32Array.of(0, 6), { kind: "full" }),
  "plan() with offsets that decrease": ({ backend }) =>
    backend.plan(Int32Array.of(0, 4, 2), Int32Array.of(0, 4, 6), { kind: "full" }),
  "plan() with offsets that do not start with 0": ({ backend }) =>
    backend.plan(Int32Array.of(1, 4), Int32Array.of(0, 4), { kind: "full" }),
  "plan() with a window of -2": ({ backend }) => backend.plan(sets, sets, { kind: "window", left: -2, right: 0 }),
  "plan() with neighbours of too few rows": ({ backend }) =>
    backend.plan(sets, sets, { kind: "neighbors", offsets: Int32Array.of(0, 1), indices: Int32Array.of(0) }),
  "plan() with a neighbour outside its set": ({ backend }) =>
    backend.plan(sets, sets, { ...graph, indices: Int32Array.of(0, 4, 1) }),
  "plan() with a negative neighbour": ({ backend }) =>
    backend.plan(sets, sets, { ...graph, indices: Int32Array.of(0, -1, 1) }),
  "plan() with neighbours that decrease": ({ backend }) =>
    backend.plan(sets, sets, { ...graph, offsets: Int32Array.of(0, 2, 1, 2, 2, 2, 3) }),
  "plan() with more edges than offsets tell of": ({ backend }) =>
    backend.plan(sets, sets, { ...graph, indices: Int32Array.of(0, 3, 1, 0) }),
  "plan() with blocks of size 0": ({ backend }) =>
    backend.plan(sets, sets, { kind: "blocks", size: 0, offsets: Int32Array.of(0), indices: Int32Array.of() }),
  "plan() with a block outside its set": ({ backend }) =>
    backend.plan(sets, sets, {
      kind: "blocks",
      size: 4,
      offsets: Int32Array.of(0, 1, 2),
      indices: Int32Array.of(0, 1),
    }),
};

/** The cases of this file. */
export function argumentCases(): BackendCase[] {
  return Object.entries(wrong).map(([name, call]) => ({
    group,
    name: `${name} is refused`,
    run: async ({ backend, check }) => {
      await withWorkspace(backend, async (workspace) => {
        const x = workspace.upload(new Float32Array(48).fill(0.5), [6, 8]);
        const attend: Material["attend"] = (options, pattern = { kind: "full" }) =>
          workspace.attention(x, x, x, backend.plan(sets, sets, pattern), { heads: 2, ...options });
        const material: Material = {
          backend,
          workspace,
          x,
          row: workspace.upload(new Float32Array(8), [8]),
          ids: workspace.upload(new Int32Array(6), [6]),
          attend,
        };
        let thrown = false;
        try {
          call(material);
        } catch (error) {
          thrown = error instanceof Error && refused.includes(error.name);
          if (!thrown) throw error;
        }
        check.that(`${name} must throw ${refused.join(" or ")} at the call`, thrown);
        const sum = workspace.add(x, x);
        check.same("the workspace stays usable", await workspace.read(sum), new Float32Array(48).fill(1));
        sum[dispose]();
      });
    },
  }));
}
