// What pages are made of.

/** A table; cells must not hold vertical bars. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}

/** A list. */
export function list(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join("\n");
}
