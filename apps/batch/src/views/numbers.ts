// Numbers for people.

/** With commas: `1,156`. */
export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** A share, 0 .. 1, in whole percent; never 0 % for something, nor 100 % for less than all. */
export function percent(share: number): string {
  if (share > 0 && share < 0.005) return "< 1 %";
  if (share < 1 && share >= 0.995) return "> 99 %";
  return `${Math.round(100 * share)} %`;
}

/** A difference: `0`, or as `1.2e-7`. */
export function difference(value: number): string {
  return value === 0 ? "0" : value.toExponential(1);
}

/** `1 word`, `4 words`. */
export function plural(value: number, one: string, many: string = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}
