// The operations that move rows and columns and compute nothing.

import { type Floats, zeros } from "./floats.ts";

/** Columns side by side: part i is [P, widths[i]]; returns [P, W]. */
export function concatenate(
  parts: readonly Floats[],
  { P, W, widths }: { readonly P: number; readonly W: number; readonly widths: readonly number[] },
): Float64Array {
  const joined = zeros(P * W);
  let column = 0;
  parts.forEach((part, i) => {
    const width = widths[i]!;
    for (let p = 0; p < P; p += 1) joined.set(part.subarray(p * width, (p + 1) * width), p * W + column);
    column += width;
  });
  return joined;
}

/** Columns `from .. to)` of x [P, W]. */
export function slice(
  x: Floats,
  from: number,
  to: number,
  { P, W }: { readonly P: number; readonly W: number },
): Float64Array {
  const columns = zeros(P * (to - from));
  for (let p = 0; p < P; p += 1) columns.set(x.subarray(p * W + from, p * W + to), p * (to - from));
  return columns;
}

/** Sets end to end: set n of the result is set n of each part in turn. */
export function append(
  parts: readonly { readonly rows: Floats; readonly offsets: Int32Array }[],
  { N, P, W }: { readonly N: number; readonly P: number; readonly W: number },
): Float64Array {
  const joined = zeros(P * W);
  let at = 0;
  for (let n = 0; n < N; n += 1) {
    for (const { rows, offsets } of parts) {
      const set = rows.subarray(offsets[n]! * W, offsets[n + 1]! * W);
      joined.set(set, at);
      at += set.length;
    }
  }
  return joined;
}
