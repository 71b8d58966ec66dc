/** The cases whose name matches the regular expression `only`. Throws `RangeError` if none does. */
export function selectCases<C extends { readonly name: string }>(cases: readonly C[], only: string): C[] {
  const selected = cases.filter(({ name }) => new RegExp(only).test(name));
  if (selected.length === 0) {
    throw new RangeError(
      `Cannot run benchmarks: --only must match a case, ${only} matches none of ${cases.map(({ name }) => name).join(", ")}`,
    );
  }
  return selected;
}
