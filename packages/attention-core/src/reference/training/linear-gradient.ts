import { type Floats, zeros } from "../floats.ts";

interface Size {
  readonly P: number;
  readonly I: number;
  readonly O: number;
}

/** dy · weightᵀ: dy [P, O], weight [I, O]; returns [P, I]. */
export function linearInputGradient(dy: Floats, weight: Floats, { P, I, O }: Size): Float64Array {
  const dx = zeros(P * I);
  for (let p = 0; p < P; p += 1) {
    for (let i = 0; i < I; i += 1) {
      let sum = 0;
      for (let o = 0; o < O; o += 1) sum += dy[p * O + o]! * weight[i * O + o]!;
      dx[p * I + i] = sum;
    }
  }
  return dx;
}

/** xᵀ · dy: x [P, I], dy [P, O]; returns [I, O]. */
export function linearWeightGradient(x: Floats, dy: Floats, { P, I, O }: Size): Float64Array {
  const dWeight = zeros(I * O);
  for (let p = 0; p < P; p += 1) {
    for (let i = 0; i < I; i += 1) {
      for (let o = 0; o < O; o += 1) dWeight[i * O + o]! += x[p * I + i]! * dy[p * O + o]!;
    }
  }
  return dWeight;
}
