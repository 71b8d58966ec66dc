// A call of attention by tiles as work.

import type { AttentionWork } from "./attention-work.ts";
import { floatBits } from "./kernel.ts";
import type { AttentionTiles } from "./kernels/attention-tile-sizes.ts";
import { attentionTilesKernel } from "./kernels/attention-tiles.wgsl.ts";
import type { GpuHost } from "./gpu-host.ts";

/** A run for each group of tiles that cost about the same. */
export function submitTiles(host: GpuHost, work: AttentionWork, { many, few }: AttentionTiles): void {
  const { form, inputs, values, output, statistics, buffers, call, parameters } = work;
  const { H, D, valueWidth } = call;
  const tiles = buffers.tiles({ queries: many.queries, fewQueries: few.queries, keys: many.keys });
  const [q, k, rows, ...bias] = inputs as [GPUBuffer, GPUBuffer, GPUBuffer, ...GPUBuffer[]];
  const places = [
    q,
    k,
    ...(form.plan === "ranges" ? [rows] : []),
    ...bias,
    tiles.buffer,
    values,
    host.buffer(output),
    ...(statistics ? [host.buffer(statistics)] : []),
  ];
  const wide = D % 4 === 0 && valueWidth % 4 === 0;
  for (const group of tiles.groups) {
    const tile = group.few ? few : many;
    const kernel = attentionTilesKernel({ ...form, stats: statistics !== null, wide }, tile);
    const cost = tile.queries * Math.max(tile.keys, group.keys) * (D + valueWidth + 16);
    host.run(
      kernel,
      places,
      [...parameters, valueWidth, floatBits(NaN), group.first, group.count],
      group.count * H,
      cost,
    );
  }
}
