// How a query and a key become a score, and a score a weight, as WGSL that all kernels of attention share. What does not
// change between calls of a model is part of the program; sizes of a batch are parameters.

import type { AttentionBias, AttentionNormalizer } from "../../backend.ts";
import type { CheckedAttention } from "../../check-attention.ts";
import type { Binding, Kernel } from "../kernel.ts";
import { type PlanKind, rowFields } from "../plan-buffers.ts";
import { bitTests, tanhFunction } from "./functions.wgsl.ts";

/** What a program of attention is made for. */
export interface ScoreForm {
  readonly plan: PlanKind;
  readonly score: "dot" | "tanh" | "leakyRelu";
  readonly bias: AttentionBias["kind"] | "none";
  readonly capped: boolean;
  readonly normalizer: AttentionNormalizer;
}

/** The form of a call. */
export function scoreFormOf(plan: PlanKind, { score, bias, softcap, normalizer }: CheckedAttention): ScoreForm {
  return {
    plan,
    score: score.kind === "dot" ? "dot" : score.activation,
    bias: bias?.kind ?? "none",
    capped: softcap > 0,
    normalizer,
  };
}

/** What tells the programs of forms apart. */
export function keyOf({ plan, score, bias, capped, normalizer }: ScoreForm): string {
  return `${plan} ${score} ${bias}${capped ? " softcap" : ""} ${normalizer}`;
}

/** The buffers that scores are made of. */
export function scoreBindings({ score, bias }: ScoreForm): Binding[] {
  return [
    { name: "q", element: "f32" },
    { name: "k", element: "f32" },
    { name: "plan", element: "i32" },
    ...(score === "dot" ? [] : [{ name: "vector", element: "f32" } as const]),
    ...(bias === "none" ? [] : [{ name: "bias", element: "u32" } as const]),
  ];
}

/** The parameters that scores need, in the order of `scoreParameters`. */
export const scoreParameterTypes: Kernel["parameters"] = [
  ["heads", "u32"],
  ["kvHeads", "u32"],
  ["width", "u32"],
  ["firstPart", "u32"],
  ["secondPart", "u32"],
  ["scale", "f32"],
  ["softcap", "f32"],
  ["slope", "f32"],
  ["biasHeads", "u32"],
  ["biasWidth", "u32"],
  ["reachX", "i32"],
  ["reachY", "i32"],
  ["columns", "i32"],
];

const recordText = `
struct Row { keyRow: i32, keys: i32, query: i32, at: i32, first: i32, end: i32, pairs: i32, queries: i32 }
struct Score { value: f32, permitted: bool }`;

const rowFunction = `
fn rowOf(row: u32) -> Row {
  let i = row * ${rowFields}u;
  return Row(plan[i], plan[i + 1u], plan[i + 2u], plan[i + 3u], plan[i + 4u], plan[i + 5u], plan[i + 6u], plan[i + 7u]);
}`;

/** The record of a query row, and a score with whether its pair is permitted. */
export const rowText: string = recordText + rowFunction;

/** Segments of a row: for ranges and edges one, of positions or edges; and the key at a place of one. */
const segmentTexts: Readonly<Record<PlanKind, string>> = {
  ranges: `
fn firstSegment(row: Row) -> i32 { return 0; }
fn endSegment(row: Row) -> i32 { return 1; }
fn placeFrom(row: Row, segment: i32) -> i32 { return row.first; }
fn placeTo(row: Row, segment: i32) -> i32 { return row.end; }
fn keyAt(place: i32) -> i32 { return place; }
fn edgeAt(place: i32) -> i32 { return -1; }
fn isOpen(row: Row, segment: i32, place: i32) -> bool { return true; }`,
  edges: `
fn firstSegment(row: Row) -> i32 { return 0; }
fn endSegment(row: Row) -> i32 { return 1; }
fn placeFrom(row: Row, segment: i32) -> i32 { return row.first; }
fn placeTo(row: Row, segment: i32) -> i32 { return row.end; }
fn keyAt(place: i32) -> i32 { return plan[p.firstPart + u32(place)]; }
fn edgeAt(place: i32) -> i32 { return plan[p.secondPart + u32(place)]; }
fn isOpen(row: Row, segment: i32, place: i32) -> bool { return true; }`,
  segments: `
fn firstSegment(row: Row) -> i32 { return row.first; }
fn endSegment(row: Row) -> i32 { return row.end; }
fn placeFrom(row: Row, segment: i32) -> i32 { return plan[p.firstPart + 3u * u32(segment)]; }
fn placeTo(row: Row, segment: i32) -> i32 { return plan[p.firstPart + 3u * u32(segment) + 1u]; }
fn keyAt(place: i32) -> i32 { return place; }
fn edgeAt(place: i32) -> i32 { return -1; }
fn isOpen(row: Row, segment: i32, place: i32) -> bool {
  let mask = plan[p.firstPart + 3u * u32(segment) + 2u];
  if (mask < 0) { return true; }
  let bits = plan[p.secondPart + u32(mask + place - placeFrom(row, segment))];
  return ((bits >> u32(row.query % 8)) & 1) == 1;
}`,
};

const actTexts = {
  dot: "",
  tanh: "fn scoreAct(x: f32) -> f32 { return select(tanhOf(x), x, isNotNumber(x)); }",
  leakyRelu: "fn scoreAct(x: f32) -> f32 { return select(x, p.slope * x, x < 0.0); }",
};

/** `let place`: where the bias of a pair stands, of `row`, `head`, `key` and `edge`. */
export const biasPlaces: Readonly<Record<AttentionBias["kind"], string>> = {
  dense: `
  let ofHead = select(head, 0u, p.biasHeads == 1u);
  let place = p.biasHeads * u32(row.pairs) + (ofHead * u32(row.queries) + u32(row.query)) * u32(row.keys) + u32(key);`,
  edges: "let place = u32(edge) * p.biasHeads + select(head, 0u, p.biasHeads == 1u);",
  alibi: "let place = head;",
  relative: "let place = head * p.biasWidth + u32(clamp(key - row.at, -p.reachX, p.reachX) + p.reachX);",
  relative2d: `
  let fromRow = floorDivide(row.at, p.columns);
  let toRow = key / p.columns;
  let y = clamp(toRow - fromRow, -p.reachY, p.reachY) + p.reachY;
  let x = clamp((key - toRow * p.columns) - (row.at - fromRow * p.columns), -p.reachX, p.reachX) + p.reachX;
  let place = (head * u32(2 * p.reachY + 1) + u32(y)) * u32(2 * p.reachX + 1) + u32(x);`,
};

/**
 * `Row` and `Score`; what follows scale: `capOf(scaled)`, and `biasedOf(row, head, key, edge, capped)`, which says whether
 * the pair is permitted.
 */
export function afterText({ score, bias, capped }: ScoreForm): string {
  const biased =
    bias === "none"
      ? "return Score(bare, !isForbidden(bare));"
      : `
  ${biasPlaces[bias]}
  let found = bitcast<f32>(bias[place]);
  if (isForbidden(found)) { return Score(0.0, false); }
  let sum = bare + ${bias === "alibi" ? "found * -f32(abs(key - row.at))" : "found"};
  return Score(sum, !isForbidden(sum));`;
  // A NaN passes: what engines make of the smaller of NaN and a number is their choice.
  const cap = "select(p.softcap * tanhOf(scaled / p.softcap), scaled, isNotNumber(scaled))";
  return `${recordText}
${bitTests}
${capped || score === "tanh" ? tanhFunction : ""}
fn floorDivide(a: i32, b: i32) -> i32 { return select(a / b, (a - b + 1) / b, a < 0); }
fn capOf(scaled: f32) -> f32 { return ${capped ? cap : "scaled"}; }
fn biasedOf(row: Row, head: u32, key: i32, edge: i32, bare: f32) -> Score {
  ${biased}
}`;
}

/**
 * `scoreOf(row, queryRow, head, key, edge)`: product, scale, softcap and bias, and whether the pair is permitted; `bareScore`
 * stops before the bias, `scaledScore` before the softcap. `wide`: q and k are bound as vec4f. Sums run along the width in
 * order, as in every kernel of attention.
 */
export function scoreText(form: ScoreForm, wide = false): string {
  const { score } = form;
  const step =
    score === "dot" ? "sum = fma(a, b, sum);" : "sum = fma(vector[head * p.width + d], scoreAct(a + b), sum);";
  const four = ["x", "y", "z", "w"]
    .map((c, i) => `{ let a = left.${c}; let b = right.${c}; ${step.replace("+ d]", `+ d + ${i}u]`)} }`)
    .join("\n    ");
  const loop = wide
    ? `for (var d = 0u; d < p.width; d += 4u) {
    let left = q[(base + d) / 4u];
    let right = k[(to + d) / 4u];
    ${four}
  }`
    : `for (var d = 0u; d < p.width; d += 1u) { let a = q[base + d]; let b = k[to + d]; ${step} }`;
  return `${afterText(form)}
${rowFunction}
${segmentTexts[form.plan]}
${actTexts[score]}
fn scaledScore(row: Row, queryRow: u32, head: u32, key: i32) -> f32 {
  let base = (queryRow * p.heads + head) * p.width;
  let to = (u32(row.keyRow + key) * p.kvHeads + head * p.kvHeads / p.heads) * p.width;
  var sum = 0.0;
  ${loop}
  return p.scale * sum;
}
fn bareScore(row: Row, queryRow: u32, head: u32, key: i32) -> f32 {
  return capOf(scaledScore(row, queryRow, head, key));
}
fn scoreOf(row: Row, queryRow: u32, head: u32, key: i32, edge: i32) -> Score {
  return biasedOf(row, head, key, edge, bareScore(row, queryRow, head, key));
}`;
}

/** `weightOf(score, place, statistics)`: what the first pass left is the largest score, the sum, and the place of the hard choice. */
export function weightText({ normalizer }: ScoreForm): string {
  const expressions: Readonly<Record<AttentionNormalizer, string>> = {
    softmax: "return exp(score - left.x) / left.y;",
    relu: "return max(score, 0.0) / left.y;",
    hard: "return select(0.0, 1.0, u32(place) == bitcast<u32>(left.y));",
  };
  return `
fn weightOf(score: f32, place: i32, left: vec4<f32>) -> f32 {
  if (left.w > 0.5) { return p.notNumber; }
  ${expressions[normalizer]}
}`;
}
