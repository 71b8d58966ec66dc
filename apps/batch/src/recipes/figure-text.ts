// A figure for people to read.

import type { Figure } from "./recipe.ts";

/** A share in percent, anything else in its unit. */
export function figureText({ value, unit }: Pick<Figure, "value" | "unit">): string {
  return unit === undefined ? `${(100 * value).toFixed(2)} %` : `${value.toFixed(3)} ${unit}`;
}
