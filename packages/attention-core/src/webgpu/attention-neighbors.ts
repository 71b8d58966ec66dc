// A call of attention over edges as work: rows of few edges by bins; hubs by parts, which a second pass puts together.

import { dispose } from "../disposal.ts";
import type { AttentionWork } from "./attention-work.ts";
import { floatBits } from "./kernel.ts";
import { hubPartsKernel, hubsKernel } from "./kernels/neighbor-hubs.wgsl.ts";
import { type NeighborForm, neighborsKernel } from "./kernels/neighbors.wgsl.ts";
import { binSizesOf, partEdges } from "./neighbor-bins.ts";
import type { GpuHost } from "./gpu-host.ts";

/** Pushes the work of a call whose plan is edges. */
export function submitNeighbors(host: GpuHost, work: AttentionWork): void {
  const { inputs, values, output, statistics, buffers, call, parameters } = work;
  const { H, D, valueWidth } = call;
  const sizes = binSizesOf(H);
  const placed = buffers.bins(sizes);
  const form: NeighborForm = {
    ...work.form,
    stats: statistics !== null,
    wide: D % 4 === 0,
    wideValues: valueWidth % 4 === 0,
  };
  const [q, k, , ...others] = inputs as [GPUBuffer, GPUBuffer, GPUBuffer, ...GPUBuffer[]];
  const places = [q, k, placed.buffer, ...others, values];
  const targets = [host.buffer(output), ...(statistics ? [host.buffer(statistics)] : [])];
  const pairCost = D + valueWidth + 16;
  host.run(
    neighborsKernel(form),
    [...places, ...targets],
    [...parameters, valueWidth, floatBits(NaN), placed.binsAt, placed.bins, sizes.heads],
    placed.bins * Math.ceil(H / sizes.heads),
    sizes.edges * sizes.heads * pairCost,
  );
  if (placed.hubs === 0) return;
  const fours = Math.ceil(valueWidth / 4);
  const left = host.make([placed.parts * H, 4 * (fours + 1)], "f32");
  host.run(
    hubPartsKernel(form),
    [...places, host.buffer(left)],
    [...parameters, valueWidth, placed.partsAt, placed.parts],
    placed.parts * H,
    partEdges * pairCost,
  );
  host.run(
    hubsKernel(form.normalizer, form.stats, form.wideValues),
    [placed.buffer, host.buffer(left), ...targets],
    [H, valueWidth, floatBits(NaN), placed.hubsAt, placed.hubs, placed.parts],
    placed.hubs * H,
    Math.ceil(placed.parts / placed.hubs) * (valueWidth + 16),
  );
  left[dispose]();
}
