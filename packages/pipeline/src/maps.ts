// Attention maps by input: what can be asked for, and what comes back.

import type { Network } from "@saccade/attention-core";

/**
 * Which maps to return with each output. Each costs time and memory in proportion to its own size, never queries × keys,
 * but for `full`.
 */
export interface ExplainRequest {
  /** Layers counted from 0, the head's pooling by attention being the one after the last; default: all. */
  readonly layers?: readonly number[];
  /** One map instead of one per head; entropy has one per head all the same. */
  readonly meanOverHeads?: boolean;
  /** All weights of these positions, counted in each set; a set that is shorter has none of them. For the head's pooling, of all its queries. */
  readonly rows?: readonly number[];
  /** The k strongest keys of each position. */
  readonly topK?: number;
  /** How much each position is attended to: its weights added up over the positions that attend. */
  readonly columnSums?: boolean;
  /** Of each position's weights, in nats. */
  readonly entropy?: boolean;
  /** The weight of each edge, for patterns of neighbours. */
  readonly edges?: boolean;
  /** All weights, queries × keys. */
  readonly full?: boolean;
}

/** The maps of one layer for one set; H is 1 for the mean over heads. */
export interface LayerMaps {
  /** Counted from 0; the head's pooling comes after the layers. */
  readonly layer: number;
  /** Positions that attend, or for the head's pooling its queries; and positions that are attended to. */
  readonly queries: number;
  readonly keys: number;
  /** The positions that were asked for [R], and their weights [R, H, keys]. */
  readonly rows?: { readonly positions: Int32Array; readonly weights: Float32Array };
  /** Positions of the keys in the set [queries, H, k] and their weights; -1 and 0 where there are fewer. */
  readonly topK?: { readonly keys: Int32Array; readonly weights: Float32Array };
  /** [keys, H]. */
  readonly columnSums?: Float32Array;
  /** [queries, H], never a mean. */
  readonly entropy?: Float32Array;
  /** [edges, H], in the order of the set's edges; 0 for one that another part of the pattern forbids. */
  readonly edges?: Float32Array;
  /** [H, queries, keys]; 0 where the pattern forbids. */
  readonly full?: Float32Array;
}

/** The maps of one set of an input. */
export interface SetMaps {
  readonly layers: readonly LayerMaps[];
}

/** Throws `TypeError` or `RangeError` unless `request` is one for `network`. */
export function checkExplainRequest(task: string, request: ExplainRequest, network: Network): void {
  const refuse = (rule: string, actual: unknown): never => {
    throw new RangeError(`Cannot explain ${task}: ${rule}, it is ${String(actual)}`);
  };
  if (typeof request !== "object" || request === null) {
    throw new TypeError(`Cannot explain ${task}: the request must be an object, it is ${String(request)}`);
  }
  const { topK, rows = [], layers = [] } = request;
  if (topK !== undefined && !(Number.isInteger(topK) && topK >= 1)) refuse("topK must be an integer >= 1", topK);
  for (const row of rows) if (!(Number.isInteger(row) && row >= 0)) refuse("a row must be an integer >= 0", row);
  const last = network.layers - (attendsInHead(network) ? 0 : 1);
  for (const layer of layers) {
    if (!(Number.isInteger(layer) && layer >= 0 && layer <= last)) {
      refuse(`a layer must be an integer from 0 to ${last}`, layer);
    }
  }
}

/** Whether the head pools by attention. */
export function attendsInHead({ poolingQueries }: Network): boolean {
  return poolingQueries > 0;
}
