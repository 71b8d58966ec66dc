// The two products of a linear layer's gradient, both on the register tile of the forward product.

import type { Tensor } from "../../tensor.ts";
import type { KernelHost } from "../kernel-host.ts";
import { cutProduct, productScratchBytes, submitLinear } from "../linear.ts";

/** What it costs to move an element into a panel, in multiply-adds. */
const packCost = 8;
/** Rows of x and dy that one job takes into the sums: bounds the time of a unit, and the memory of the packed rows. */
const rowsPerJob = 1024;
/** Rows that a unit of `packRows` takes. */
const rowsPerPack = 16;

/** dy [P, O] · weightᵀ: the forward product with the weight [I, O] packed across. */
export function submitLinearInputGradient(host: KernelHost, dy: Tensor, weight: Tensor, P: number, I: number, O: number): Tensor {
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
export function submitLinearWeightGradient(host: KernelHost, x: Tensor, dy: Tensor, P: number, I: number, O: number): Tensor {
  const out = host.make([I, O], "f32");
  const panels = Math.ceil(O / 8);
  const rows = Math.min(P, rowsPerJob);
  const packed = host.allocate(panels * rows * 32);
  host.reserveScratch(productScratchBytes);
  const { panelsPerUnit, units, unitCost } = cutProduct(I, rows, O, host.threads);
  for (let from = 0; from < P || from === 0; from += rowsPerJob) {
    const depth = Math.min(rowsPerJob, P - from);
    host.kernel("packRows", Math.ceil(depth / rowsPerPack), rowsPerPack * O * packCost, [host.address(dy) + 4 * from * O, packed, depth, O]);
    host.kernel("linearWeightGradient", units, unitCost, [
      host.address(x) + 4 * from * I,
      packed,
      host.address(out),
      depth,
      I,
      O,
      panelsPerUnit,
      from === 0 ? 0 : 1,
    ]);
  }
  host.freeLater(packed);
  return out;
}
