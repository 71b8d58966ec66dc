// The transcendental functions of the reference, from additions, multiplications and divisions alone: those round alike
// in every engine, `Math.exp` and its kin need not. All agree with the true value to a few units in the last place of
// a float64, which is far below the float32 that results are rounded to.

/** log₂ e, and ln 2 in two parts of which the first has its last 21 bits clear, so that k · ln2High is exact. */
const log2e = 1.4426950408889634;
const ln2High = 0.6931471803691238;
const ln2Low = 1.9082149292705877e-10;

/** eˣ: x is brought to |r| <= ln 2 / 2 by x = k ln 2 + r, and eʳ is its Taylor series to r¹³. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x > 709.8) return Infinity;
  if (x < -745.2) return 0;
  const k = Math.round(x * log2e);
  const r = x - k * ln2High - k * ln2Low;
  return scaleByPowerOf2(1 + expMinusOneNearZero(r, 13), k);
}

/** eʳ - 1 by the first `terms` terms of the Taylor series in Horner's form. */
function expMinusOneNearZero(r: number, terms: number): number {
  let sum = 1;
  for (let n = terms; n > 1; n -= 1) sum = 1 + (sum * r) / n;
  return sum * r;
}

/** x · 2ᵏ; in two factors, since 2ᵏ alone may be beyond the range where the product is not. */
function scaleByPowerOf2(x: number, k: number): number {
  const half = Math.trunc(k / 2);
  return x * powerOf2(half) * powerOf2(k - half);
}

/** 2ᵏ for |k| <= 1022, by squaring: exact. */
function powerOf2(k: number): number {
  let power = 1;
  let square = k < 0 ? 0.5 : 2;
  for (let rest = Math.abs(k); rest > 0; rest >>>= 1) {
    if ((rest & 1) === 1) power *= square;
    square *= square;
  }
  return power;
}

/** ln x: x is halved or doubled to m in √½ .. √2, and ln m = 2 artanh((m - 1) / (m + 1)) by its series. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return Infinity;
  let m = x;
  let k = 0;
  for (let step = 512; step >= 1; step /= 2) {
    while (m >= powerOf2(step)) {
      m *= powerOf2(-step);
      k += step;
    }
    while (m < powerOf2(1 - step)) {
      m *= powerOf2(step);
      k -= step;
    }
  }
  if (m > Math.SQRT2) {
    m /= 2;
    k += 1;
  }
  const s = (m - 1) / (m + 1);
  const square = s * s;
  let sum = 0;
  for (let n = 23; n >= 1; n -= 2) sum = sum * square + 1 / n;
  return k * ln2High + (2 * s * sum + k * ln2Low);
}

/** tanh x = (e²ˣ - 1) / (e²ˣ + 1), the numerator by its series where the subtraction would cancel. */
export function tanh(x: number): number {
  const y = 2 * Math.abs(x);
  if (y > 44) return Math.sign(x);
  const grown = y < 1 ? expMinusOneNearZero(y, 19) : exp(y) - 1;
  return x < 0 ? -grown / (grown + 2) : grown / (grown + 2);
}

/** 1 / (1 + e⁻ˣ). */
export function sigmoid(x: number): number {
  return 1 / (1 + exp(-x));
}

/**
 * erfc z = 1 - erf z. Below 2 by the series erf z = 2/√π e^(-z²) Σ 2ⁿ z²ⁿ⁺¹ / (1 · 3 ··· (2n + 1)), whose terms are all
 * positive (Abramowitz and Stegun 7.1.6); from there by the continued fraction (7.1.14), which keeps the relative
 * precision of the tail.
 */
export function erfc(z: number): number {
  if (Number.isNaN(z)) return NaN;
  if (z < 0) return 2 - erfc(-z);
  if (z < 2) return 1 - erfSeries(z);
  if (z > 27.3) return 0;
  let fraction = z;
  for (let n = 120; n >= 1; n -= 1) fraction = z + n / 2 / fraction;
  return exp(-z * z) / (Math.sqrt(Math.PI) * fraction);
}

/** erf z; see `erfc`. */
export function erf(z: number): number {
  if (Math.abs(z) < 2) return z < 0 ? -erfSeries(-z) : erfSeries(z);
  return 1 - erfc(z);
}

function erfSeries(z: number): number {
  let term = z;
  let sum = z;
  for (let n = 1; term > sum * 1e-17; n += 1) {
    term *= (2 * z * z) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * exp(-z * z) * sum;
}
