// Products with packed weights as units of the kernel `linear`, and how such products are cut.

import type { KernelHost } from "./kernel-host.ts";

/** Multiply-adds of one unit, at most: less than ten milliseconds. */
export const unitCostLimit = 2 ** 28;
/** Rows of the result that a unit makes. */
export const blockRows = 192;
/** The scratch of a product: a packed block of 192 rows by 512 of depth, and a tile. */
export const productScratchBytes = blockRows * 512 * 4 + 256;

/** Addresses of x [P, depth], of the weight [depth, columns] as panels, of the bias or 0, and of the result. */
export interface LinearPlaces {
  readonly x: number;
  readonly packed: number;
  readonly bias: number;
  readonly out: number;
}

/** Queues act(x · weight + bias); `activation` is its number. */
export function submitLinear(
  host: KernelHost,
  places: LinearPlaces,
  P: number,
  depth: number,
  columns: number,
  activation: number,
): void {
  host.reserveScratch(productScratchBytes);
  const { panelsPerUnit, units, unitCost } = cutProduct(P, depth, columns, host.threads);
  const { x, packed, bias, out } = places;
  host.kernel("linear", units, unitCost, [x, packed, bias, out, P, depth, columns, activation, panelsPerUnit]);
}

/**
 * Units of 192 rows by some panels of eight columns, for a product [rows, columns]. With threads and few rows the columns
 * are cut too; which unit makes an element does not change its bits.
 */
function cutProduct(
  rows: number,
  depth: number,
  columns: number,
  threads: number,
): { readonly panelsPerUnit: number; readonly units: number; readonly unitCost: number } {
  const columnPanels = Math.ceil(columns / 8);
  const rowBlocks = Math.ceil(rows / blockRows);
  const affordable = Math.max(1, Math.floor(unitCostLimit / (blockRows * 8 * Math.max(1, depth))));
  const shared = threads > 1 && rowBlocks < 4 * threads;
  const panelsPerUnit = Math.max(1, Math.min(columnPanels, affordable, shared ? 32 : Infinity));
  return {
    panelsPerUnit,
    units: rowBlocks * Math.ceil(columnPanels / panelsPerUnit),
    unitCost: Math.min(rows, blockRows) * panelsPerUnit * 8 * depth,
  };
}
