// Half precision, for operators whose outputs are float16. Node 20 has no Float16Array.

/** `value` rounded to the nearest float16, ties to even; beyond 65,504 an infinity. */
export function toFloat16(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const size = Math.abs(value);
  if (size >= 65520) return Math.sign(value) * Infinity;
  // The distance between neighbours: 2^(e - 10) for normal numbers, 2^-24 for subnormal ones.
  const exponent = Math.max(Math.floor(Math.log2(size)), -14);
  const step = 2 ** (exponent - 10);
  const steps = size / step;
  const below = Math.floor(steps);
  const rest = steps - below;
  const rounded = rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
  return Math.sign(value) * rounded * step;
}
