// The two products of a linear layer's gradient, both on the register tile of the forward product.

import type { Tensor } from "../../tensor.ts";
import type { KernelHost } from "../kernel-host.ts";
import { blockRows, productScratchBytes, submitLinear, unitCostLimit } from "../linear.ts";

/** What it costs to move an element into a panel, in multiply-adds. */
const packCost = 8;
/** Rows of x and dy that one job takes into the sums, so that the packed rows are still in a cache when they are used. */
const rowsPerJob = 1024;
/** Rows that a unit of `packRows` takes. */
const rowsPerPack = 16;

/** dy [P, O] · weightᵀ: the forward product with the weight [I, O] packed across. */
export function submitLinearInputGradient(
  host: KernelHost,
  dy: Tensor,
  weight: Tensor,
  P: number,
  I: number,
  O: number,
): Tensor {
  const out = host.make([P, I], "f32");
  const panels = Math.ceil(I / 8);
  const packed = host.allocate(panels * O * 32);
  host.kernel("packWeightTransposed", panels, O * 8 * packCost, [host.address(weight), packed, I, O]);
  submitLinear(host, { x: host.address(dy), packed, bias: 0, out: host.address(out) }, P, O, I, 0);
  host.freeLater(packed);
  return out;
}

/**
 * xᵀ · dy [I, O]. Units are tiles of the result, and each sums over rows in their order, so that bits do not depend on
 * threads.
 */
export function submitLinearWeightGradient(
  host: KernelHost,
  x: Tensor,
  dy: Tensor,
  P: number,
  I: number,
  O: number,
): Tensor {
  const out = host.make([I, O], "f32");
  const panels = Math.ceil(O / 8);
  const rows = Math.min(P, rowsPerJob);
  const packed = host.allocate(panels * rows * 32);
  host.reserveScratch(productScratchBytes);
  const { rowsPerUnit, panelsPerUnit, units, unitCost } = cut(I, rows, panels, host.threads);
  for (let from = 0; from < P || from === 0; from += rowsPerJob) {
    const depth = Math.min(rowsPerJob, P - from);
    host.kernel("packRows", Math.ceil(depth / rowsPerPack), rowsPerPack * O * packCost, [
      host.address(dy) + 4 * from * O,
      packed,
      depth,
      O,
    ]);
    host.kernel("linearWeightGradient", units, unitCost, [
      host.address(x) + 4 * from * I,
      packed,
      host.address(out),
      depth,
      I,
      O,
      rowsPerUnit,
      panelsPerUnit,
      from === 0 ? 0 : 1,
    ]);
  }
  host.freeLater(packed);
  return out;
}

/**
 * Units of the result [I, O]. A weight is small: with threads it is cut into as many units as keep them busy, by rows
 * before columns, because columns that are cut make each unit pack the same part of x.
 */
function cut(
  I: number,
  depth: number,
  panels: number,
  threads: number,
): { readonly rowsPerUnit: number; readonly panelsPerUnit: number; readonly units: number; readonly unitCost: number } {
  const wanted = threads === 1 ? 1 : 4 * threads;
  const rowsPerUnit = threads === 1 ? blockRows : Math.min(blockRows, Math.max(24, Math.ceil(I / wanted / 6) * 6));
  const rowBlocks = Math.ceil(I / rowsPerUnit);
  const affordable = Math.max(1, Math.floor(unitCostLimit / (rowsPerUnit * 8 * Math.max(1, depth))));
  const shared = Math.max(4, Math.ceil((panels * rowBlocks) / wanted));
  const panelsPerUnit = Math.max(1, Math.min(panels, affordable, threads === 1 ? panels : shared));
  return {
    rowsPerUnit,
    panelsPerUnit,
    units: rowBlocks * Math.ceil(panels / panelsPerUnit),
    unitCost: Math.min(I, rowsPerUnit) * panelsPerUnit * 8 * depth,
  };
}
