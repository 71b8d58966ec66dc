// Scores to probabilities.

/** The logarithms of the softmax of rows `rows` of scores [.., L]: [rows, L]. */
export function logProbabilitiesOf(values: Float32Array, rows: readonly number[], labels: number): Float32Array {
  const result = new Float32Array(rows.length * labels);
  rows.forEach((row, i) => {
    const first = row * labels;
    let largest = -Infinity;
    for (let l = 0; l < labels; l += 1) largest = Math.max(largest, values[first + l]!);
    let sum = 0;
    for (let l = 0; l < labels; l += 1) sum += Math.exp(values[first + l]! - largest);
    const shift = largest + Math.log(sum);
    for (let l = 0; l < labels; l += 1) result[i * labels + l] = values[first + l]! - shift;
  });
  return result;
}
