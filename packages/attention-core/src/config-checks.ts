// The checks that configurations share. A configuration may come from a file, so nothing is taken on trust: a value
// of the wrong kind is a TypeError, one outside the allowed ones a RangeError, and both name the field.

/** The largest model that a configuration may ask for; far above any that fits a page, far below what exhausts memory. */
export const largest = {
  layers: 1000,
  width: 65_536,
  feedForwardWidth: 262_144,
  heads: 1024,
  headWidth: 256,
  count: 16_777_216,
} as const;

/** Throws unless `value` is an integer in `from .. to`. */
export function checkInteger(subject: string, field: string, value: unknown, from: number, to: number): void {
  checkKind(subject, field, value, "number");
  if (!Number.isInteger(value) || (value as number) < from || (value as number) > to) {
    throw new RangeError(
      `Cannot use ${subject}: ${field} must be an integer from ${from} to ${to}, it is ${String(value)}`,
    );
  }
}

/** Throws unless `value` is a finite number above 0. */
export function checkPositive(subject: string, field: string, value: unknown): void {
  checkKind(subject, field, value, "number");
  if (!((value as number) > 0 && (value as number) < Infinity)) {
    throw new RangeError(`Cannot use ${subject}: ${field} must be a finite number above 0, it is ${String(value)}`);
  }
}

/** Throws unless `value` is one of `allowed`. */
export function checkOneOf(subject: string, field: string, value: unknown, allowed: readonly string[]): void {
  checkKind(subject, field, value, "string");
  if (!allowed.includes(value as string)) {
    throw new RangeError(
      `Cannot use ${subject}: ${field} must be one of ${allowed.join(", ")}, it is "${String(value)}"`,
    );
  }
}

/** Throws unless `value` is of the JavaScript type `kind`; `null` and arrays are no objects here. */
export function checkKind(
  subject: string,
  field: string,
  value: unknown,
  kind: "number" | "string" | "boolean" | "object",
): void {
  const actual = value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
  if (actual !== kind)
    throw new TypeError(`Cannot use ${subject}: ${field} must be a ${kind}, it is of type ${actual}`);
}

/** Throws unless `divisor` divides `value`. */
export function checkDivides(subject: string, field: string, divisor: number, of: string, value: number): void {
  if (value % divisor !== 0) {
    throw new RangeError(`Cannot use ${subject}: ${field} must divide ${of}, it is ${divisor} and ${of} is ${value}`);
  }
}
