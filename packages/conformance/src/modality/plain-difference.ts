// Whether two values of plain data are equal, and where they first differ.

/** The place of the first difference, `.tokens[3].tag` for instance; null if there is none. -0 equals 0, NaN equals NaN. */
export function plainDifference(a: unknown, b: unknown, place = ""): string | null {
  if (Object.is(a, b) || a === b) return null;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return place || "itself";
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return place || "itself";
  if (a instanceof Map || a instanceof Set) {
    return plainDifference([...a], [...(b as Map<unknown, unknown> | Set<unknown>)], place);
  }
  if (a instanceof Date) return a.getTime() === (b as Date).getTime() ? null : place;
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  const isList = Array.isArray(a) || ArrayBuffer.isView(a);
  if (keys.length !== others.length) return isList ? `${place}.length` : `the keys of ${place || "itself"}`;
  for (const key of keys) {
    const inner = isList ? `${place}[${key}]` : `${place}.${key}`;
    if (!Object.hasOwn(b, key)) return inner;
    const values = [a, b] as readonly Readonly<Record<string, unknown>>[];
    const difference = plainDifference(values[0]![key], values[1]![key], inner);
    if (difference !== null) return difference;
  }
  return null;
}
