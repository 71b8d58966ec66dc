// A pair of query and key on the way back: its weight, and what comes to its score and to the product under it. Shared by the
// kernels over tiles and those over edges.

import type { CheckedTrainingAttention } from "../../../check-training.ts";
import type { Kernel } from "../../kernel.ts";
import { biasPlaces, keyOf, type ScoreForm, scoreFormOf, scoreParameterTypes } from "../../kernels/score.wgsl.ts";
import type { PlanKind } from "../../plan-buffers.ts";
import { mixText } from "./dropout.wgsl.ts";
import { rowNumbers } from "./pack-rows.wgsl.ts";

/** What a program is made for. */
export interface PairForm extends ScoreForm {
  readonly dropout: boolean;
}

/** The form of a call. */
export function pairFormOf(plan: PlanKind, call: CheckedTrainingAttention): PairForm {
  return { ...scoreFormOf(plan, call), dropout: call.dropout !== null };
}

/** What tells the programs of forms apart. */
export function pairKeyOf(form: PairForm): string {
  return `${keyOf(form)}${form.dropout ? " dropout" : ""}`;
}

/** In the order of `pairParameters`. */
export const pairParameterTypes: Kernel["parameters"] = [
  ...scoreParameterTypes,
  ["valueWidth", "u32"],
  ["stride", "u32"],
  ["keepScale", "f32"],
  ["keepFrom", "u32"],
  ["seed", "u32"],
  ["notNumber", "f32"],
];

const weights: Readonly<Record<ScoreForm["normalizer"], string>> = {
  softmax: `
  weight = exp(min(score - numbers.x, 0.0));
  if (numbers.z > 0.5) { weight = p.notNumber; }
  ofScore = weight * (factor * dot - numbers.y);`,
  relu: `
  weight = max(score, 0.0) / numbers.x;
  ofScore = select(0.0, factor * dot / numbers.x, score > 0.0);
  if (isNotNumber(score)) {
    weight = p.notNumber;
    ofScore = p.notNumber;
  }`,
  hard: `
  if (f32(place) == numbers.x) { weight = 1.0; }
  if (weight > 0.5 && numbers.z > 0.5) { weight = p.notNumber; }`,
};

/**
 * `numbersOf(queryRow, head)` of the packed rows: for softmax the log-sum-exp and Σ dy · output, for relu the number of
 * permitted keys, for hard the place of the chosen one, -1 for none; then whether weights are NaN, and whether dy is not
 * finite. `weigh` makes a permitted pair of its score, the score under softcap, dy · v and its place in the plan: its weight
 * after dropout, the gradient of scale · product over scale, and that of the score. `finite(x)` is 0 for NaN and infinities:
 * where they count, weights and gradients are NaN themselves.
 */
export function pairText({ normalizer, capped, dropout, bias }: PairForm): string {
  return `
${mixText}
struct Pair { weight: f32, ofProduct: f32, ofScore: f32 }
fn finite(x: f32) -> f32 { return select(x, 0.0, (bitcast<u32>(x) & 0x7f800000u) == 0x7f800000u); }
fn packedRow(queryRow: u32, head: u32) -> u32 { return (queryRow * p.heads + head) * p.stride; }
fn numbersOf(queryRow: u32, head: u32) -> vec4<f32> {
  let at = packedRow(queryRow, head) + p.stride - ${rowNumbers}u;
  return vec4<f32>(rows[at], rows[at + 1u], rows[at + 2u], rows[at + 3u]);
}
fn factorOf(queryRow: u32, head: u32, key: i32) -> f32 {
  ${dropout ? "return select(0.0, p.keepScale, mixed((mixed(queryRow ^ mixed(head)) + u32(key)) ^ p.seed) >= p.keepFrom);" : "return 1.0;"}
}
fn weigh(score: f32, bare: f32, dot: f32, numbers: vec4<f32>, factor: f32, place: i32) -> Pair {
  var weight = 0.0;
  var ofScore = 0.0;
  ${weights[normalizer]}
  var ofProduct = p.scale * ofScore;
  ${capped ? "let share = bare / p.softcap; ofProduct *= 1.0 - share * share;" : ""}
  if (numbers.w > 0.5) { weight = p.notNumber; }
  return Pair(weight * factor, ofProduct, ofScore);
}
${
  bias === "none"
    ? ""
    : `
fn biasPlaceOf(row: Row, head: u32, key: i32, edge: i32) -> u32 {
  ${biasPlaces[bias]}
  return place;
}
fn ofBias(row: Row, key: i32, ofScore: f32) -> f32 {
  return ${bias === "alibi" ? "ofScore * -f32(abs(key - row.at))" : "ofScore"};
}`
}`;
}

/** For additive scores `scoreAct` and `scoreActSlope`, the leaky ReLU's slope being that of 1 at 0. `tanhOf` must be known. */
export function actText(score: ScoreForm["score"]): string {
  if (score === "dot") return "";
  if (score === "tanh") {
    return `
fn scoreAct(x: f32) -> f32 { return tanhOf(x); }
fn scoreActSlope(x: f32) -> f32 { let y = tanhOf(x); return 1.0 - y * y; }`;
  }
  return `
fn scoreAct(x: f32) -> f32 { return select(x, p.slope * x, x < 0.0); }
fn scoreActSlope(x: f32) -> f32 { return select(1.0, p.slope, x < 0.0); }`;
}
