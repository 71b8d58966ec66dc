import { describe, expect, it } from "vitest";
import type { AttentionOptions, Workspace } from "./backend.ts";
import { checkAttention } from "./check-attention.ts";
import { compilePlan } from "./compile-plan.ts";
import { dispose } from "./disposal.ts";
import { offsetsOf } from "./ragged.ts";
import { createReferenceBackend } from "./reference/index.ts";
import { type DType, type Shape, sizeOf, type Tensor } from "./tensor.ts";

const backend = createReferenceBackend();
const f32 = (...shape: number[]): Tensor => backend.upload(new Float32Array(sizeOf(shape)), shape);
const i32 = (...shape: number[]): Tensor<"i32"> => backend.upload(new Int32Array(sizeOf(shape)), shape);
const offsets = (...lengths: number[]): Int32Array => offsetsOf(lengths);

type Case = readonly [
  name: string,
  call: (w: Workspace) => unknown,
  kind: typeof RangeError | typeof TypeError,
  message: string,
];

function refuses(cases: readonly Case[]): void {
  it.each(cases)("refuses %s", (_, call, kind, message) => {
    using workspace = backend.workspace();
    expect(() => call(workspace)).toThrow(kind);
    expect(() => call(workspace)).toThrow(message);
  });
}

describe("checks of operations", () => {
  refuses([
    [
      "values of another kind",
      (w) => w.upload([1] as never, [1]),
      TypeError,
      "Cannot upload values: they must be a Float32Array or an Int32Array, they are Array",
    ],
    [
      "too few values",
      (w) => w.upload(new Float32Array(3), [2, 2]),
      RangeError,
      "Cannot upload values: shape [2, 2] must hold as many as given, 3 are given",
    ],
    [
      "a negative axis",
      (w) => w.upload(new Float32Array(1), [-1, -1]),
      RangeError,
      "every axis must be an integer >= 0, shape is [-1, -1]",
    ],
    [
      "a shape whose size wraps",
      (w) => w.upload(new Float32Array(4), [4194305, 4194305, 211106198978564]),
      RangeError,
      "must hold as many as given, 4 are given",
    ],
    [
      "embed: ids of three axes",
      (w) => w.embed(f32(2, 2), i32(1, 1, 1)),
      RangeError,
      "Cannot run embed: ids must be [P] or [P, T]; its shape is [1, 1, 1]",
    ],
    [
      "embed: ids that are floats",
      (w) => w.embed(f32(2, 2), f32(1) as never),
      TypeError,
      "Cannot run embed: ids must be of dtype i32, it is f32",
    ],
    [
      "embed: a table that is a vector",
      (w) => w.embed(f32(2), i32(1)),
      RangeError,
      "Cannot run embed: table must be [V, W]; its shape is [2]",
    ],
    [
      "linear: no tensor",
      (w) => w.linear(null as never, f32(1, 1)),
      TypeError,
      "Cannot run linear: x must be a tensor, it is null",
    ],
    [
      "linear: a weight of other rows",
      (w) => w.linear(f32(4, 3), f32(2, 5)),
      RangeError,
      "Cannot run linear: weight must be [I, O] with I = 3, the columns of x; its shape is [2, 5]",
    ],
    [
      "linear: a bias of another width",
      (w) => w.linear(f32(4, 3), f32(3, 5), f32(3)),
      RangeError,
      "Cannot run linear: bias must be [O] with O = 5; its shape is [3]",
    ],
    [
      "linear: an unknown activation",
      (w) => w.linear(f32(4, 3), f32(3, 5), null, "constructor" as never),
      RangeError,
      'activation must be one of gelu, geluTanh, relu, silu, tanh, sigmoid, elu; it is "constructor"',
    ],
    ["activate: an unknown activation", (w) => w.activate(f32(1), "swish" as never), RangeError, 'it is "swish"'],
    [
      "add: shapes that do not fit",
      (w) => w.add(f32(2, 3), f32(2)),
      RangeError,
      "Cannot run add: b must be [2, 3], the shape of a, or one row of it; its shape is [2]",
    ],
    [
      "multiply: shapes of one size",
      (w) => w.multiply(f32(2, 3), f32(3, 2)),
      RangeError,
      "Cannot run multiply: b must be [2, 3]",
    ],
    [
      "layerNorm: a gain of another width",
      (w) => w.layerNorm(f32(2, 3), f32(2), null, 0),
      RangeError,
      "Cannot run layerNorm: gain must be [W] with W = 3; its shape is [2]",
    ],
    [
      "layerNorm: an epsilon below 0",
      (w) => w.layerNorm(f32(2, 3), f32(3), null, -1),
      RangeError,
      "Cannot run layerNorm: epsilon must be >= 0, it is -1",
    ],
    [
      "rmsNorm: an epsilon that is not a number",
      (w) => w.rmsNorm(f32(2, 3), f32(3), "1" as never),
      TypeError,
      "Cannot run rmsNorm: epsilon must be a number, it is string",
    ],
    [
      "rmsNorm: an epsilon of NaN",
      (w) => w.rmsNorm(f32(2, 3), f32(3), NaN),
      RangeError,
      "Cannot run rmsNorm: epsilon must be finite, it is NaN",
    ],
    [
      "softmax: a vector",
      (w) => w.softmax(f32(3)),
      RangeError,
      "Cannot run softmax: x must be [P, W]; its shape is [3]",
    ],
    [
      "pool: offsets of other rows",
      (w) => w.pool(f32(3, 1), offsets(2), "mean"),
      RangeError,
      "Cannot run pool: offsets must end with the number of rows, 3; they end with 2",
    ],
    [
      "pool: an unknown way",
      (w) => w.pool(f32(3, 1), offsets(3), "last" as never),
      RangeError,
      'Cannot run pool: how must be one of mean, max, first, sum; it is "last"',
    ],
    [
      "unfold: windows that are a vector",
      (w) => w.unfold(f32(3, 1), i32(3)),
      RangeError,
      "Cannot run unfold: windows must be [R, T]; its shape is [3]",
    ],
    [
      "rotate: heads that do not divide",
      (w) => w.rotate(f32(1, 6), i32(1), f32(1, 2), f32(1, 2), { heads: 4 }),
      RangeError,
      "Cannot run rotate: x must be [P, H · D] with H = 4 heads; its shape is [1, 6]",
    ],
    [
      "rotate: an odd head",
      (w) => w.rotate(f32(1, 6), i32(1), f32(1, 1), f32(1, 1), { heads: 2 }),
      RangeError,
      "Cannot run rotate: width must be even and at most the 3 columns of a head, it is 3",
    ],
    [
      "rotate: other positions",
      (w) => w.rotate(f32(2, 4), i32(1), f32(1, 2), f32(1, 2), { heads: 1 }),
      RangeError,
      "Cannot run rotate: positions must be [P] with P = 2; its shape is [1]",
    ],
    [
      "rotate: tables of another width",
      (w) => w.rotate(f32(1, 4), i32(1), f32(1, 4), f32(1, 4), { heads: 1 }),
      RangeError,
      "Cannot run rotate: cos must be [rows, width / 2] with width = 4; its shape is [1, 4]",
    ],
    [
      "rotate: tables that differ",
      (w) => w.rotate(f32(1, 4), i32(1), f32(3, 2), f32(2, 2), { heads: 1 }),
      RangeError,
      "Cannot run rotate: sin must be [3, 2], the shape of cos; its shape is [2, 2]",
    ],
    ["concatenate: nothing", (w) => w.concatenate([]), RangeError, "there must be at least one part, there are none"],
    [
      "concatenate: other rows",
      (w) => w.concatenate([f32(2, 1), f32(3, 1)]),
      RangeError,
      "part 1 must be [P, W] with P = 2, the rows of part 0; its shape is [3, 1]",
    ],
    [
      "slice: columns beyond",
      (w) => w.slice(f32(2, 3), 1, 4),
      RangeError,
      "Cannot run slice: columns must satisfy 0 <= from <= to <= 3, they are from 1 to 4",
    ],
    [
      "append: other widths",
      (w) =>
        w.append([
          { rows: f32(1, 2), offsets: offsets(1) },
          { rows: f32(1, 3), offsets: offsets(1) },
        ]),
      RangeError,
      "rows of part 1 must be [P, W] with W = 2, the columns of part 0; its shape is [1, 3]",
    ],
    [
      "append: other sets",
      (w) =>
        w.append([
          { rows: f32(1, 2), offsets: offsets(1) },
          { rows: f32(1, 2), offsets: offsets(0, 1) },
        ]),
      RangeError,
      "Cannot run append: part 1 must have 1 sets as part 0 has, it has 2",
    ],
    [
      "reshape: another size",
      (w) => w.reshape(f32(2, 3), [4]),
      RangeError,
      "Cannot run reshape: the new shape must hold 6 elements as [2, 3] does, it is [4]",
    ],
    [
      "reshape: half an axis",
      (w) => w.reshape(f32(2, 3), [0.5, 12]),
      RangeError,
      "every axis must be an integer >= 0, shape is [0.5, 12]",
    ],
  ]);
});

describe("checkAttention()", () => {
  const sets = offsets(3, 2);
  const full = compilePlan(sets, sets, { kind: "full" });
  const graph = compilePlan(sets, sets, {
    kind: "neighbors",
    offsets: Int32Array.of(0, 1, 2, 3, 4, 4),
    indices: Int32Array.of(0, 1, 2, 0),
  });
  type Change = { q?: Tensor; k?: Tensor; v?: Tensor; plan?: typeof full } & Partial<AttentionOptions>;
  const call = ({ q = f32(5, 8), k = f32(5, 8), v = f32(5, 6), plan = full, ...options }: Change) =>
    checkAttention(q, k, v, plan, { heads: 2, ...options });
  const attend = (change: Change) => (w: Workspace) => {
    const { q = f32(5, 8), k = f32(5, 8), v = f32(5, 6), plan = full, ...options } = change;
    return w.attention(q, k, v, plan, { heads: 2, ...options });
  };

  it("fills in the defaults and works out the sizes", () => {
    expect(call({})).toMatchObject({
      N: 2,
      P: 5,
      keyRows: 5,
      H: 2,
      kvHeads: 2,
      D: 4,
      valueWidth: 3,
      scale: 0.5,
      softcap: 0,
      normalizer: "softmax",
      bias: null,
      score: { kind: "dot" },
    });
    expect(call({}).maps.any).toBe(false);
    const additive = call({ score: { kind: "additive", vector: f32(2, 4), activation: "leakyRelu" } });
    expect([additive.scale, additive.slope]).toEqual([1, 0.2]);
    expect(call({ kvHeads: 1, k: f32(5, 4), v: f32(5, 6) })).toMatchObject({ kvHeads: 1, D: 4, valueWidth: 6 });
    const rows = Int32Array.of(0, 4, 4);
    const { maps } = call({ maps: { rows, full: "weights", meanOverHeads: true } });
    expect(maps).toMatchObject({ any: true, heads: 1, rowsSize: 3 + 2 + 2, fullSize: 9 + 4, topK: 0 });
    expect(maps.rows).toEqual(rows);
    expect(maps.rows).not.toBe(rows);
    expect(call({ maps: { rows, full: "biased" } }).maps).toMatchObject({ heads: 2, rowsSize: 14, fullSize: 26 });
    expect(call({ maps: { meanOverHeads: true } }).maps.any).toBe(false);
  });

  it("takes head widths from 1 to 256", () => {
    expect(call({ q: f32(5, 2), k: f32(5, 2), v: f32(5, 512) })).toMatchObject({ D: 1, valueWidth: 256 });
    expect(call({ q: f32(5, 512), k: f32(5, 512), v: f32(5, 2) })).toMatchObject({ D: 256, valueWidth: 1 });
  });

  const bias = (values: Tensor, heads: number): Pick<AttentionOptions, "bias"> => ({
    bias: { kind: "dense", values, heads },
  });
  refuses([
    [
      "heads that are no integer",
      attend({ heads: 1.5 }),
      RangeError,
      "Cannot run attention: heads must be an integer >= 1, it is 1.5",
    ],
    ["no heads", attend({ heads: undefined as never }), TypeError, "heads must be a number, it is undefined"],
    [
      "kvHeads that do not divide",
      attend({ heads: 4, kvHeads: 3 }),
      RangeError,
      "Cannot run attention: kvHeads must divide heads, 4; it is 3",
    ],
    [
      "queries that do not fit the plan",
      attend({ q: f32(4, 8) }),
      RangeError,
      "Cannot run attention: q must be [query rows, H · width of a head] with 5 query rows as the plan has and H = 2; its shape is [4, 8]",
    ],
    ["queries that do not divide into heads", attend({ q: f32(5, 7) }), RangeError, "its shape is [5, 7]"],
    [
      "keys that do not fit the plan",
      attend({ k: f32(6, 8) }),
      RangeError,
      "Cannot run attention: k must be [key rows, kvHeads · width of a head] with 5 key rows as the plan has and kvHeads = 2; its shape is [6, 8]",
    ],
    [
      "keys of another width",
      attend({ k: f32(5, 6) }),
      RangeError,
      "Cannot run attention: k must be [key rows, kvHeads · D] with D = 4 as q has and kvHeads = 2; its shape is [5, 6]",
    ],
    ["values that do not fit the plan", attend({ v: f32(4, 6) }), RangeError, "Cannot run attention: v must be"],
    [
      "heads of no width",
      attend({ q: f32(5, 0), k: f32(5, 0) }),
      RangeError,
      "Cannot run attention: the width of a head must be 1 to 256, that of q is 0",
    ],
    [
      "heads that are too wide",
      attend({ v: f32(5, 514) }),
      RangeError,
      "Cannot run attention: the width of a head must be 1 to 256, that of v is 257",
    ],
    [
      "an endless scale",
      attend({ scale: Infinity }),
      RangeError,
      "Cannot run attention: scale must be finite, it is Infinity",
    ],
    ["a softcap below 0", attend({ softcap: -1 }), RangeError, "Cannot run attention: softcap must be >= 0, it is -1"],
    [
      "an unknown normalizer",
      attend({ normalizer: "sparsemax" as never }),
      RangeError,
      'Cannot run attention: normalizer must be one of softmax, relu, hard; it is "sparsemax"',
    ],
    [
      "an unknown score",
      attend({ score: { kind: "cosine" } as never }),
      RangeError,
      'score kind must be one of dot, additive; it is "cosine"',
    ],
    [
      "a vector of another shape",
      attend({ score: { kind: "additive", vector: f32(2, 3), activation: "tanh" } }),
      RangeError,
      "score vector must be [H, D] with H = 2 and D = 4; its shape is [2, 3]",
    ],
    [
      "an unknown activation",
      attend({ score: { kind: "additive", vector: f32(2, 4), activation: "relu" as never } }),
      RangeError,
      'score activation must be one of tanh, leakyRelu; it is "relu"',
    ],
    [
      "a dense bias of another size",
      attend(bias(f32(13), 2)),
      RangeError,
      "Cannot run attention: dense bias must be 2 · 13 values, a value per head and pair of every set; its shape is [13]",
    ],
    [
      "a dense bias of three heads",
      attend(bias(f32(39), 3)),
      RangeError,
      "heads of a dense bias must be 2 or 1, they are 3",
    ],
    [
      "a bias per edge without edges",
      attend({ bias: { kind: "edges", values: f32(4, 2) } }),
      RangeError,
      'a bias per edge must go with a plan over neighbors, the plan has the form "ranges"',
    ],
    [
      "a bias per edge of other edges",
      attend({ plan: graph, bias: { kind: "edges", values: f32(5, 2) } }),
      RangeError,
      "bias per edge must be [E, H] or [E, 1] with E = 4 and H = 2; its shape is [5, 2]",
    ],
    [
      "slopes of other heads",
      attend({ bias: { kind: "alibi", slopes: f32(3) } }),
      RangeError,
      "alibi slopes must be [H] with H = 2; its shape is [3]",
    ],
    [
      "a relative table without a middle",
      attend({ bias: { kind: "relative", table: f32(2, 4) } }),
      RangeError,
      "relative table must be [H, 2R + 1] with H = 2 and an odd number of columns; its shape is [2, 4]",
    ],
    [
      "a relative2d table of another size",
      attend({ bias: { kind: "relative2d", table: f32(2, 14), columns: 2, reach: [1, 2] } }),
      RangeError,
      "relative2d table must be [H, (2Y + 1)(2X + 1)] with H = 2, Y = 1 and X = 2; its shape is [2, 14]",
    ],
    [
      "a grid of no columns",
      attend({ bias: { kind: "relative2d", table: f32(2, 15), columns: 0, reach: [1, 2] } }),
      RangeError,
      "columns of a relative2d bias must be an integer >= 1, it is 0",
    ],
    [
      "an unknown bias",
      attend({ bias: { kind: "t5" } as never }),
      RangeError,
      'bias kind must be one of dense, edges, alibi, relative, relative2d; it is "t5"',
    ],
    [
      "the map entropy without softmax",
      attend({ normalizer: "hard", maps: { entropy: true } }),
      RangeError,
      'the map entropy must go with the normalizer softmax, it is "hard"',
    ],
    [
      "the map logSumExp without softmax",
      attend({ normalizer: "relu", maps: { logSumExp: true } }),
      RangeError,
      'the map logSumExp must go with the normalizer softmax, it is "relu"',
    ],
    [
      "the map edges without edges",
      attend({ maps: { edges: true } }),
      RangeError,
      "the map edges must go with a plan over neighbors",
    ],
    [
      "an unknown full map",
      attend({ maps: { full: "logits" as never } }),
      RangeError,
      'the map full must be one of weights, scores, capped, biased; it is "logits"',
    ],
    ["no top keys", attend({ maps: { topK: 0 } }), RangeError, "topK of maps must be an integer >= 1, it is 0"],
    [
      "rows beyond the queries",
      attend({ maps: { rows: Int32Array.of(1, 5) } }),
      RangeError,
      "rows of maps must be query rows, 0 .. 4; one is 5",
    ],
    [
      "rows of another kind",
      attend({ maps: { rows: [1] as never } }),
      TypeError,
      "rows of maps must be an Int32Array, it is Array",
    ],
  ]);

  it("does not take a tensor of integers for one of floats", () => {
    const integers: Tensor<DType> = i32(5, 8);
    expect(() => call({ q: integers as Tensor })).toThrow(
      new TypeError("Cannot run attention: q must be of dtype f32, it is i32"),
    );
  });

  it("leaves the tensors alone", () => {
    const q = f32(5, 8);
    const shape: Shape = q.shape;
    call({ q });
    expect(q.shape).toBe(shape);
    q[dispose]();
  });
});
