/** The Euclidean norm of all values together, summed in float64. */
export function globalNorm(tensors: Iterable<Float32Array>): number {
  let sum = 0;
  for (const values of tensors) sum += sumOfSquares(values);
  return Math.sqrt(sum);
}

/** The factor that brings gradients of norm `norm` to at most `largest` (Pascanu et al. 2013). */
export function clipFactor(norm: number, largest: number): number {
  return norm > largest ? largest / norm : 1;
}

/** Four sums side by side, since one would wait for itself. */
function sumOfSquares(values: Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = values.length - (values.length % 4);
  for (let i = 0; i < whole; i += 4) {
    a += values[i]! * values[i]!;
    b += values[i + 1]! * values[i + 1]!;
    c += values[i + 2]! * values[i + 2]!;
    d += values[i + 3]! * values[i + 3]!;
  }
  for (let i = whole; i < values.length; i += 1) a += values[i]! * values[i]!;
  return a + b + (c + d);
}
