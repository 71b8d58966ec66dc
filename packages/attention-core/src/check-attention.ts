// The checks of attention's arguments, and what follows from them: every default filled in, every size worked out.

import type { AttentionBias, AttentionNormalizer, AttentionOptions, AttentionScore, MapRequest } from "./backend.ts";
import { checkChoice, checkFinite, checkInteger, checkMatrix, checkTensor, mismatch } from "./check-operation.ts";
import type { AttentionPlan } from "./plan.ts";
import { checkInt32Array, setOfRow } from "./ragged.ts";
import { sizeOf, type Tensor } from "./tensor.ts";

/** The widest head that a backend has to run, for queries and for values. */
export const largestHeadWidth = 256;

/** A call of `attention` with nothing left open. */
export interface CheckedAttention {
  /** Sets. */
  readonly N: number;
  /** Query rows of all sets. */
  readonly P: number;
  readonly keyRows: number;
  /** Query heads. */
  readonly H: number;
  readonly kvHeads: number;
  /** Width of a query and key head. */
  readonly D: number;
  /** Width of a value head. */
  readonly valueWidth: number;
  readonly scale: number;
  /** 0 for none. */
  readonly softcap: number;
  readonly score: AttentionScore;
  /** Of the leaky ReLU of an additive score. */
  readonly slope: number;
  readonly normalizer: AttentionNormalizer;
  readonly bias: AttentionBias | null;
  readonly maps: CheckedMaps;
}

/** The maps that were asked for, and the sizes of those whose shape the contract leaves flat. */
export interface CheckedMaps {
  /** Whether anything was asked for. */
  readonly any: boolean;
  readonly meanOverHeads: boolean;
  /** Heads of `rows`, `topK`, `columnSums`, `edges` and `full`: 1 for the mean, otherwise H. */
  readonly heads: number;
  /** A copy of the query rows asked for, or null. */
  readonly rows: Int32Array | null;
  /** The number of values of the map `rows`. */
  readonly rowsSize: number;
  /** k, or 0. */
  readonly topK: number;
  readonly columnSums: boolean;
  readonly entropy: boolean;
  readonly logSumExp: boolean;
  readonly edges: boolean;
  readonly full: NonNullable<MapRequest["full"]> | null;
  /** The number of values of the map `full`. */
  readonly fullSize: number;
}

const noMaps: CheckedMaps = {
  any: false,
  meanOverHeads: false,
  heads: 0,
  rows: null,
  rowsSize: 0,
  topK: 0,
  columnSums: false,
  entropy: false,
  logSumExp: false,
  edges: false,
  full: null,
  fullSize: 0,
};

/**
 * Checks the arguments of `Workspace.attention`: q [P, H · D], k [key rows, kvHeads · D], v [key rows, kvHeads · value
 * width]. Throws `TypeError` for the wrong kind of thing, and `RangeError` for shapes that do not fit the plan or one
 * another, head widths outside 1 .. 256, and options that exclude each other.
 */
export function checkAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  plan: AttentionPlan,
  options: AttentionOptions,
): CheckedAttention {
  const N = plan.queryOffsets.length - 1;
  const P = plan.queryOffsets[N]!;
  const keyRows = plan.keyOffsets[N]!;

  const { heads: H, kvHeads = H, softcap = 0, score = { kind: "dot" }, normalizer = "softmax", bias = null } = options;
  checkInteger("attention", "heads", H, 1);
  checkInteger("attention", "kvHeads", kvHeads, 1);
  if (H % kvHeads !== 0) {
    throw new RangeError(`Cannot run attention: kvHeads must divide heads, ${H}; it is ${kvHeads}`);
  }

  const D = checkHeads("q", q, "query rows", P, "H", H);
  const keyWidth = checkHeads("k", k, "key rows", keyRows, "kvHeads", kvHeads);
  if (keyWidth !== D)
    throw mismatch("attention", "k", `[key rows, kvHeads · D] with D = ${D} as q has and kvHeads = ${kvHeads}`, k);
  const valueWidth = checkHeads("v", v, "key rows", keyRows, "kvHeads", kvHeads);

  const slope = checkScore(score, H, D);
  const { scale = score.kind === "dot" ? 1 / Math.sqrt(D) : 1 } = options;
  checkFinite("attention", "scale", scale);
  checkFinite("attention", "softcap", softcap);
  if (softcap < 0) throw new RangeError(`Cannot run attention: softcap must be >= 0, it is ${softcap}`);
  checkChoice("attention", "normalizer", normalizer, ["softmax", "relu", "hard"] satisfies AttentionNormalizer[]);
  if (bias !== null) checkBias(bias, plan, H);
  const maps = options.maps === undefined ? noMaps : checkMaps(options.maps, plan, H, normalizer);
  return { N, P, keyRows, H, kvHeads, D, valueWidth, scale, softcap, score, slope, normalizer, bias, maps };
}

/** The width of one head of `tensor` [rows, heads · width]. */
function checkHeads(
  name: string,
  tensor: Tensor,
  rowsName: string,
  rows: number,
  headsName: string,
  heads: number,
): number {
  checkTensor("attention", name, tensor, "f32");
  const [actualRows, columns] = tensor.shape;
  if (columns === undefined || tensor.shape.length !== 2 || actualRows !== rows || columns % heads !== 0) {
    const shape = `[${rowsName}, ${headsName} · width of a head]`;
    throw mismatch(
      "attention",
      name,
      `${shape} with ${rows} ${rowsName} as the plan has and ${headsName} = ${heads}`,
      tensor,
    );
  }
  const width = columns / heads;
  if (width < 1 || width > largestHeadWidth) {
    throw new RangeError(
      `Cannot run attention: the width of a head must be 1 to ${largestHeadWidth}, that of ${name} is ${width}`,
    );
  }
  return width;
}

function checkScore(score: AttentionScore, H: number, D: number): number {
  checkChoice("attention", "score kind", score.kind, ["dot", "additive"] satisfies AttentionScore["kind"][]);
  if (score.kind === "dot") return 0;
  const [vectorHeads, vectorWidth] = checkMatrix("attention", "score vector", score.vector, "[H, D]");
  if (vectorHeads !== H || vectorWidth !== D) {
    throw mismatch("attention", "score vector", `[H, D] with H = ${H} and D = ${D}`, score.vector);
  }
  checkChoice("attention", "score activation", score.activation, ["tanh", "leakyRelu"]);
  const { slope = 0.2 } = score;
  checkFinite("attention", "score slope", slope);
  return slope;
}

function checkBias(bias: AttentionBias, plan: AttentionPlan, H: number): void {
  switch (bias.kind) {
    case "dense": {
      if (bias.heads !== H && bias.heads !== 1) {
        throw new RangeError(`Cannot run attention: heads of a dense bias must be ${H} or 1, they are ${bias.heads}`);
      }
      checkTensor("attention", "dense bias", bias.values, "f32");
      if (sizeOf(bias.values.shape) !== bias.heads * plan.densePairs) {
        throw mismatch(
          "attention",
          "dense bias",
          `${bias.heads} · ${plan.densePairs} values, a value per head and pair of every set`,
          bias.values,
        );
      }
      return;
    }
    case "edges": {
      const edgeCount = checkEdges("a bias per edge", plan);
      const [E, biasHeads] = checkMatrix("attention", "bias per edge", bias.values, "[E, H] or [E, 1]");
      if (E !== edgeCount || (biasHeads !== H && biasHeads !== 1)) {
        throw mismatch(
          "attention",
          "bias per edge",
          `[E, H] or [E, 1] with E = ${edgeCount} and H = ${H}`,
          bias.values,
        );
      }
      return;
    }
    case "alibi": {
      checkTensor("attention", "alibi slopes", bias.slopes, "f32");
      if (bias.slopes.shape.length !== 1 || bias.slopes.shape[0] !== H) {
        throw mismatch("attention", "alibi slopes", `[H] with H = ${H}`, bias.slopes);
      }
      return;
    }
    case "relative": {
      const [tableHeads, columns] = checkMatrix("attention", "relative table", bias.table, "[H, 2R + 1]");
      if (tableHeads !== H || columns % 2 === 0) {
        throw mismatch(
          "attention",
          "relative table",
          `[H, 2R + 1] with H = ${H} and an odd number of columns`,
          bias.table,
        );
      }
      return;
    }
    case "relative2d": {
      const [Y, X] = bias.reach;
      checkInteger("attention", "columns of a relative2d bias", bias.columns, 1);
      checkInteger("attention", "reach of a relative2d bias", Y, 0);
      checkInteger("attention", "reach of a relative2d bias", X, 0);
      const entries = (2 * Y + 1) * (2 * X + 1);
      const [tableHeads, columns] = checkMatrix("attention", "relative2d table", bias.table, "[H, (2Y + 1)(2X + 1)]");
      if (tableHeads !== H || columns !== entries) {
        throw mismatch(
          "attention",
          "relative2d table",
          `[H, (2Y + 1)(2X + 1)] with H = ${H}, Y = ${Y} and X = ${X}`,
          bias.table,
        );
      }
      return;
    }
    default: {
      const { kind } = bias satisfies never as { readonly kind: unknown };
      throw new RangeError(
        `Cannot run attention: bias kind must be one of dense, edges, alibi, relative, relative2d; it is "${String(kind)}"`,
      );
    }
  }
}

function checkMaps(request: MapRequest, plan: AttentionPlan, H: number, normalizer: AttentionNormalizer): CheckedMaps {
  const {
    meanOverHeads = false,
    topK = 0,
    columnSums = false,
    entropy = false,
    logSumExp = false,
    edges = false,
    full = null,
  } = request;
  const heads = meanOverHeads ? 1 : H;
  const rows = request.rows === undefined ? null : checkRows(request.rows, plan);
  if (request.topK !== undefined) checkInteger("attention", "topK of maps", topK, 1);
  if ((entropy || logSumExp) && normalizer !== "softmax") {
    throw new RangeError(
      `Cannot run attention: the map ${entropy ? "entropy" : "logSumExp"} must go with the normalizer softmax, it is "${normalizer}"`,
    );
  }
  if (edges) checkEdges("the map edges", plan);
  if (full !== null) checkChoice("attention", "the map full", full, ["weights", "scores", "capped", "biased"]);
  let rowsSize = 0;
  for (const row of rows ?? []) {
    const n = setOfRow(plan.queryOffsets, row);
    rowsSize += heads * (plan.keyOffsets[n + 1]! - plan.keyOffsets[n]!);
  }
  return {
    any: rows !== null || topK > 0 || columnSums || entropy || logSumExp || edges || full !== null,
    meanOverHeads,
    heads,
    rows,
    rowsSize,
    topK,
    columnSums,
    entropy,
    logSumExp,
    edges,
    full,
    fullSize: full === null ? 0 : heads * plan.densePairs,
  };
}

function checkRows(rows: Int32Array, plan: AttentionPlan): Int32Array {
  checkInt32Array("run attention", "rows of maps", rows);
  const copy = rows.slice();
  const P = plan.queryOffsets[plan.queryOffsets.length - 1]!;
  for (const row of copy) {
    if (row < 0 || row >= P)
      throw new RangeError(`Cannot run attention: rows of maps must be query rows, 0 .. ${P - 1}; one is ${row}`);
  }
  return copy;
}

function checkEdges(what: string, plan: AttentionPlan): number {
  if (plan.form.kind !== "edges") {
    throw new RangeError(
      `Cannot run attention: ${what} must go with a plan over neighbors, the plan has the form "${plan.form.kind}"`,
    );
  }
  return plan.form.edgeCount;
}
