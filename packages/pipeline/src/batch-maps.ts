// Maps of a batch: what the core is asked for, and its answer cut by set.

import {
  type AttentionMaps,
  type AttentionPlan,
  type Backend,
  edgesOf,
  type Features,
  type LayerMapRequest,
  type MapRequest,
  type Network,
  offsetsOf,
  type Tensor,
  type Workspace,
} from "@saccade/attention-core";
import { attendsInHead, type ExplainRequest, type LayerMaps, type SetMaps } from "./maps.ts";

/** What a network is asked for. */
export interface BatchMapRequest {
  readonly maps: LayerMapRequest;
  readonly headMaps?: MapRequest;
}

/** `request` for the rows of a batch. */
export function batchMapRequest(
  { rows, full, ...rest }: ExplainRequest,
  { offsets }: Features,
  network: Network,
): BatchMapRequest {
  const common = { ...rest, ...(full === true && { full: "weights" as const }) };
  const maps = { ...common, ...(rows && { rows: rowsOfSets(offsets, () => rows) }) };
  const { layers, edges: _edges, ...headMaps } = common;
  if (!attendsInHead(network) || layers?.includes(network.layers) === false) return { maps, headMaps: {} };
  const queries = headOffsets(offsets, network);
  return { maps, headMaps: { ...headMaps, ...(rows && { rows: rowsOfSets(queries, (length) => range(length)) }) } };
}

/** The maps of each set of a batch, as a network returned them. */
export async function readMaps(
  workspace: Workspace,
  backend: Backend,
  network: Network,
  { offsets, pattern }: Features,
  { maps, plan }: { readonly maps: readonly AttentionMaps[]; readonly plan: AttentionPlan },
  { rows }: ExplainRequest,
): Promise<SetMaps[]> {
  const sets: LayerMaps[][] = Array.from({ length: offsets.length - 1 }, () => []);
  const edgeOffsets = edgesOf(pattern)?.offsets;
  for (const [layer, made] of maps.entries()) {
    if (Object.keys(made).length === 0) continue;
    const isHead = layer === network.layers;
    const layerPlan = isHead ? backend.plan(headOffsets(offsets, network), offsets, { kind: "full" }) : plan;
    const wanted = (length: number): readonly number[] => (isHead ? range(length) : (rows ?? []));
    const cut = cutter(await readLayer(workspace, made), layerPlan, wanted, edgeOffsets);
    sets.forEach((layers, set) => layers.push({ layer, ...cut(set) }));
  }
  return sets.map((layers) => ({ layers }));
}

type Cut = Omit<LayerMaps, "layer">;

interface HostMaps {
  readonly rows?: Float32Array | undefined;
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
  const [topKKeys, rows, topKWeights, columnSums, entropy, edges, full] = await Promise.all([
    maps.topK && workspace.read(maps.topK.keys),
    read(maps.rows),
    read(maps.topK?.weights),
    read(maps.columnSums),
    read(maps.entropy),
    read(maps.edges),
    read(maps.full),
  ]);
  return { rows, topKKeys, topKWeights, columnSums, entropy, edges, full };
}

/** Cuts set after set: to be called once for each, in order. */
function cutter(
  host: HostMaps,
  { queryOffsets, keyOffsets, densePairs }: AttentionPlan,
  rowsWanted: (length: number) => readonly number[],
  edgeOffsets: Int32Array | undefined,
): (set: number) => Cut {
  const P = queryOffsets.at(-1)!;
  const rowKeys = (set: number): number => {
    const queries = queryOffsets[set + 1]! - queryOffsets[set]!;
    const keys = keyOffsets[set + 1]! - keyOffsets[set]!;
    return rowsWanted(queries).filter((row) => row < queries).length * keys;
  };
  let allRowKeys = 0;
  for (let set = 0; set + 1 < queryOffsets.length; set += 1) allRowKeys += rowKeys(set);
  let [pairsBefore, rowKeysBefore] = [0, 0];

  return (set) => {
    const [firstQuery, endQuery] = [queryOffsets[set]!, queryOffsets[set + 1]!];
    const [firstKey, endKey] = [keyOffsets[set]!, keyOffsets[set + 1]!];
    const [queries, keys] = [endQuery - firstQuery, endKey - firstKey];
    const topKKeys = slice(host.topKKeys, P, firstQuery, endQuery);
    const topKWeights = slice(host.topKWeights, P, firstQuery, endQuery);
    const columnSums = slice(host.columnSums, keyOffsets.at(-1)!, firstKey, endKey);
    const entropy = slice(host.entropy, P, firstQuery, endQuery);
    const edges =
      edgeOffsets && slice(host.edges, edgeOffsets.at(-1)!, edgeOffsets[firstQuery]!, edgeOffsets[endQuery]!);
    const full = slice(host.full, densePairs, pairsBefore, pairsBefore + queries * keys);
    const weights = slice(host.rows, allRowKeys, rowKeysBefore, rowKeysBefore + rowKeys(set));
    const positions = Int32Array.from(rowsWanted(queries).filter((row) => row < queries));
    pairsBefore += queries * keys;
    rowKeysBefore += rowKeys(set);
    return {
      queries,
      keys,
      ...(weights && { rows: { positions, weights } }),
      ...(topKKeys && topKWeights && { topK: { keys: topKKeys, weights: topKWeights } }),
      ...(columnSums && { columnSums }),
      ...(entropy && { entropy }),
      ...(edges && { edges }),
      ...(full && { full }),
    };
  };
}

/** Units `from .. end)` of `total`, each of as many values. */
function slice<V extends Float32Array | Int32Array>(
  values: V | undefined,
  total: number,
  from: number,
  end: number,
): V | undefined {
  if (values === undefined) return undefined;
  const each = total === 0 ? 0 : values.length / total;
  return values.slice(from * each, end * each) as V;
}

/** Rows of all sets: those positions of each that it has. */
function rowsOfSets(offsets: Int32Array, wanted: (length: number) => readonly number[]): Int32Array {
  const rows: number[] = [];
  for (let set = 0; set + 1 < offsets.length; set += 1) {
    const length = offsets[set + 1]! - offsets[set]!;
    for (const row of wanted(length)) if (row < length) rows.push(offsets[set]! + row);
  }
  return Int32Array.from(rows);
}

/** Where the queries of the head's pooling are, for sets at `offsets`. */
function headOffsets(offsets: Int32Array, { poolingQueries }: Network): Int32Array {
  return offsetsOf(Array.from({ length: offsets.length - 1 }, () => poolingQueries));
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
