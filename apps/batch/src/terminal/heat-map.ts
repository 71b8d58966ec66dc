// A map of attention in letters: a row per query, a column per key, darker for a larger weight.

import type { Look } from "./look.ts";
import { cutTo, padEnd, padStart, widthOf } from "./text.ts";

/** Weights and what they belong to. */
export interface HeatMap {
  readonly queries: readonly string[];
  readonly keys: readonly string[];
  /** The weight of a pair, 0 .. 1; null where the pattern forbids it. */
  readonly weight: (query: number, key: number) => number | null;
}

/** Columns that a cell with its number takes: two shades, up to three digits, a space. */
export const numberedCell = 6;
/** Columns that a cell without a number takes. */
export const shadedCell = 2;
const longestLabel = 12;

/** Shades, each with its weight in percent. Labels of rows are cut to 12 columns, those of keys to 5. */
export function numberedMap(map: HeatMap, look: Look): string[] {
  const labels = rowLabels(map, look);
  const head = map.keys.map((key) => padStart(cutTo(key, numberedCell - 1, look.cut), numberedCell - 1));
  const rows = labels.map((label, query) => {
    const cells = map.keys.map((_, key) => {
      const weight = map.weight(query, key);
      if (weight === null) return `    ${look.forbidden}`;
      return look.shade(weight) + String(Math.round(100 * weight)).padStart(3);
    });
    return `${label} ${cells.join(" ")}`;
  });
  return [`${blank(labels)} ${head.join(" ")}`, ...rows].map((line) => line.trimEnd());
}

/**
 * Shades alone, for maps of many rows. Each is relative to the largest weight of its row; `notes` stand behind the rows.
 * Keys should be numbers, at most 99: their tens stand above their ones.
 */
export function shadedMap(map: HeatMap, look: Look, notes: readonly string[] = []): string[] {
  const labels = rowLabels(map, look);
  const rows = labels.map((label, query) => {
    const weights = map.keys.map((_, key) => map.weight(query, key));
    const largest = Math.max(0, ...weights.map((weight) => weight ?? 0));
    const cells = weights.map((weight) =>
      weight === null ? ` ${look.forbidden}` : look.shade(largest === 0 ? 0 : weight / largest),
    );
    return `${label} ${cells.join("")}  ${notes[query] ?? ""}`;
  });
  const digits = (from: number, to: number): string =>
    `${blank(labels)} ${map.keys.map((key) => padStart(key.padStart(2).slice(from, to), shadedCell)).join("")}`;
  const head = map.keys.every((key) => key.length < 2) ? [digits(1, 2)] : [digits(0, 1), digits(1, 2)];
  return [...head, ...rows].map((line) => line.trimEnd());
}

/** The same map with its places, from 1, before the labels of rows and instead of those of columns. */
export function withPlaces({ queries, keys, weight }: HeatMap): HeatMap {
  const digits = String(queries.length).length;
  return {
    queries: queries.map((query, place) => `${String(place + 1).padStart(digits)} ${query}`),
    keys: keys.map((_, place) => String(place + 1)),
    weight,
  };
}

/** What the shades of a map mean; `whole` is what they are shares of, such as "a row". */
export function legend(look: Look, whole: string): string {
  const [, ...shades] = look.shades;
  const meanings = shades.map((shade, i) => `${shade} ${[5, 25, 50, 75][i]} %`);
  return `from ${meanings.join("  ")} of ${whole};  ${look.forbidden} not permitted, so not computed`;
}

/** Labels of the rows, cut, all of one width: those with a place at the left, others next to their cells. */
function rowLabels({ queries }: HeatMap, look: Look): string[] {
  const cut = queries.map((query) => cutTo(query, longestLabel, look.cut));
  const width = Math.max(0, ...cut.map(widthOf));
  return cut.map((label) => (/^ *\d+ /.test(label) ? padEnd : padStart)(label, width));
}

function blank([label = ""]: readonly string[]): string {
  return " ".repeat(widthOf(label));
}
