// One call of linear as work: which kernel makes it, and how much a unit of it costs.

import type { Activation } from "../backend.ts";
import {
  columnsOfFewRows,
  fewRowsKernel,
  type LinearForm,
  linearKernel,
  type LinearTile,
  linearTiles,
} from "./kernels/linear.wgsl.ts";
import type { Tensor } from "../tensor.ts";
import type { GpuHost } from "./gpu-host.ts";

/** Which kernel makes a product: that of a few rows, or one of the tiles. */
export type LinearChoice = { readonly fewRows: number } | { readonly tile: LinearTile };

/** Tiles of a device's worth: with fewer of the large ones some of its processors stand still. */
const enoughTiles = 128;

/**
 * Chooses for P rows and O columns: up to 15 rows go column by column, up to 32 by flat tiles; many rows by large tiles
 * where they are enough to go round. The bits of a row are the same whatever is chosen.
 */
export function chooseLinear(P: number, O: number): LinearChoice {
  if (P < 16) return { fewRows: P <= 1 ? 1 : P <= 4 ? 4 : 16 };
  if (P <= 32) return { tile: linearTiles.flat };
  const { rows, columns } = linearTiles.large;
  const isLarge = P >= rows && O >= columns && Math.ceil(P / rows) * Math.ceil(O / columns) >= enoughTiles;
  return { tile: isLarge ? linearTiles.large : linearTiles.medium };
}

/** Pushes the work of act(x · weight + bias): x [P, I], `weight` [I, O]; returns [P, O]. */
export function submitLinear(
  host: GpuHost,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  activation: Activation | null,
  choice: LinearChoice = chooseLinear(x.shape[0]!, weight.shape[1]!),
): Tensor {
  const [P, I] = x.shape as readonly [number, number];
  const O = weight.shape[1]!;
  const halves = host.halves(weight);
  const buffers = [host.buffer(x), halves ?? host.buffer(weight), ...(bias === null ? [] : [host.buffer(bias)])];
  const out = host.make([P, O], "f32");
  const places = [...buffers, host.buffer(out)];
  const form: LinearForm = {
    biased: bias !== null,
    activation,
    wideInputs: I % 4 === 0,
    wideOutputs: O % 4 === 0,
    halves: halves !== null,
  };
  if ("fewRows" in choice) {
    const across = Math.ceil(O / columnsOfFewRows);
    const kernel = fewRowsKernel(form, choice.fewRows);
    host.run(
      kernel,
      places,
      [P, I, O, across],
      P === 0 ? 0 : across,
      choice.fewRows * columnsOfFewRows * Math.max(1, I),
    );
    return out;
  }
  const { tile } = choice;
  const across = Math.ceil(O / tile.columns);
  const units = Math.ceil(P / tile.rows) * across;
  host.run(linearKernel(form, tile), places, [P, I, O, across], units, tile.rows * tile.columns * Math.max(1, I));
  return out;
}
