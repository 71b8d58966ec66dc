// Attention maps by input: what a batch's maps on the device become for those who asked.

import type { AttentionMaps, AttentionPlan, Tensor, Workspace } from "@saccade/attention-core";

/** Which maps to return with each output; see `MapRequest` of the core. Each costs memory in proportion to its own size. */
export interface ExplainRequest {
  /** Layers counted from 0, the head's pooling by attention being the last; default: all. */
  readonly layers?: readonly number[];
  /** One map instead of one per head. */
  readonly meanOverHeads?: boolean;
  /** The k strongest keys of each position. */
  readonly topK?: number;
  /** How much each position is attended to. */
  readonly columnSums?: boolean;
  /** Of each position's weights, in nats. */
  readonly entropy?: boolean;
  /** The weight of each edge, for patterns of neighbours. */
  readonly edges?: boolean;
  /** All weights, queries × keys. */
  readonly full?: boolean;
}

/** The maps of one layer for one set. */
export interface LayerMaps {
  /** Counted from 0; the head's pooling comes after the layers. */
  readonly layer: number;
  /** Query and key rows of the set. */
  readonly queries: number;
  readonly keys: number;
  /** Positions of the keys in the set [queries, H, k] and their weights; -1 and 0 where there are fewer. */
  readonly topK?: { readonly keys: Int32Array; readonly weights: Float32Array };
  /** [keys, H]. */
  readonly columnSums?: Float32Array;
  /** [queries, H], never a mean. */
  readonly entropy?: Float32Array;
  /** [edges, H], in the order of the set's edges. */
  readonly edges?: Float32Array;
  /** [H, queries, keys]. */
  readonly full?: Float32Array;
}

/** The maps of one set of an input. */
export interface SetMaps {
  readonly layers: readonly LayerMaps[];
}

/** What the core is asked for. */
export function mapRequestOf({ full, ...rest }: ExplainRequest): Omit<ExplainRequest, "full"> & { full?: "weights" } {
  return full === true ? { ...rest, full: "weights" } : rest;
}

/** The maps of each set of a batch. `plans[layer]` is the plan by which a layer attended. */
export async function readMaps(
  workspace: Workspace,
  maps: readonly AttentionMaps[],
  plans: readonly AttentionPlan[],
): Promise<SetMaps[]> {
  const sets = (plans[0]?.queryOffsets.length ?? 1) - 1;
  const bySet: LayerMaps[][] = Array.from({ length: sets }, () => []);
  for (const [layer, made] of maps.entries()) {
    if (Object.keys(made).length === 0) continue;
    const plan = plans[layer]!;
    const host = await readLayer(workspace, made);
    for (let set = 0; set < sets; set += 1) bySet[set]!.push(cutSet(host, plan, layer, set));
  }
  return bySet.map((layers) => ({ layers }));
}

interface HostMaps {
  readonly topKKeys?: Int32Array | undefined;
  readonly topKWeights?: Float32Array | undefined;
  readonly columnSums?: Float32Array | undefined;
  readonly entropy?: Float32Array | undefined;
  readonly edges?: Float32Array | undefined;
  readonly full?: Float32Array | undefined;
}

async function readLayer(workspace: Workspace, maps: AttentionMaps): Promise<HostMaps> {
  const read = async (tensor: Tensor | undefined): Promise<Float32Array | undefined> =>
    tensor && workspace.read(tensor);
  const keys = maps.topK && workspace.read(maps.topK.keys);
  const [topKKeys, topKWeights, columnSums, entropy, edges, full] = await Promise.all([
    keys,
    read(maps.topK?.weights),
    read(maps.columnSums),
    read(maps.entropy),
    read(maps.edges),
    read(maps.full),
  ]);
  return { topKKeys, topKWeights, columnSums, entropy, edges, full };
}

function cutSet(host: HostMaps, plan: AttentionPlan, layer: number, set: number): LayerMaps {
  const { queryOffsets, keyOffsets, form } = plan;
  const queries = [queryOffsets[set]!, queryOffsets[set + 1]!] as const;
  const keys = [keyOffsets[set]!, keyOffsets[set + 1]!] as const;
  const counts = { queries: queries[1] - queries[0], keys: keys[1] - keys[0] };
  const rowsOf = <V extends Float32Array | Int32Array>(
    values: V | undefined,
    total: number,
    [from, to]: readonly [number, number],
  ): V | undefined => {
    if (values === undefined) return undefined;
    const each = total === 0 ? 0 : values.length / total;
    return values.slice(from * each, to * each) as V;
  };
  const P = queryOffsets.at(-1)!;
  const topKKeys = rowsOf(host.topKKeys, P, queries);
  const topKWeights = rowsOf(host.topKWeights, P, queries);
  const columnSums = rowsOf(host.columnSums, keyOffsets.at(-1)!, keys);
  const entropy = rowsOf(host.entropy, P, queries);
  const edges =
    form.kind === "edges" && form.edges === null
      ? rowsOf(host.edges, form.edgeCount, [form.offsets[queries[0]]!, form.offsets[queries[1]]!])
      : undefined;
  const full = host.full && cutFull(host.full, plan, set);
  return {
    layer,
    ...counts,
    ...(topKKeys && topKWeights && { topK: { keys: topKKeys, weights: topKWeights } }),
    ...(columnSums && { columnSums }),
    ...(entropy && { entropy }),
    ...(edges && { edges }),
    ...(full && { full }),
  };
}

/** Full maps lie set after set, [H, queries, keys] each. */
function cutFull(full: Float32Array, { queryOffsets, keyOffsets }: AttentionPlan, set: number): Float32Array {
  let [pairs, before] = [0, 0];
  for (let n = 0; n + 1 < queryOffsets.length; n += 1) {
    if (n === set) before = pairs;
    pairs += (queryOffsets[n + 1]! - queryOffsets[n]!) * (keyOffsets[n + 1]! - keyOffsets[n]!);
  }
  const own = (queryOffsets[set + 1]! - queryOffsets[set]!) * (keyOffsets[set + 1]! - keyOffsets[set]!);
  const heads = pairs === 0 ? 0 : full.length / pairs;
  return full.slice(before * heads, (before + own) * heads);
}
