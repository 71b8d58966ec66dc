// Weights of one position out of the maps that `explain` returns.

import type { LayerMaps } from "@saccade/pipeline";

/**
 * What position `query` of a layer attends to [keys]; of the head's pooling, what its learned query does. The mean over
 * heads, or one of them. The maps must have been asked for with `full`, or with `rows` that name the position. Throws
 * `RangeError` if they do not hold it.
 */
export function attentionWeights(maps: LayerMaps, query: number, head?: number): Float32Array {
  const { queries, keys, full, rows } = maps;
  const places = full ? undefined : rows?.positions;
  const weights = full ?? rows?.weights;
  const row = places ? places.indexOf(query) : query;
  const count = places ? places.length : queries;
  if (weights === undefined || !(row >= 0 && row < count)) {
    throw new RangeError(
      `Cannot read maps of layer ${maps.layer}: they must hold position ${query}, of ${queries}; ask for full, or rows that name it`,
    );
  }
  const heads = weights.length / (count * keys);
  if (head !== undefined && !(Number.isInteger(head) && head >= 0 && head < heads)) {
    throw new RangeError(`Cannot read maps of layer ${maps.layer}: head must be from 0 to ${heads - 1}, it is ${head}`);
  }
  // Full maps go by head and then by position, rows the other way round.
  const startOf = (h: number): number => (full ? h * count + row : row * heads + h) * keys;
  if (head !== undefined) return weights.slice(startOf(head), startOf(head) + keys);
  const mean = new Float32Array(keys);
  for (let h = 0; h < heads; h += 1) {
    const start = startOf(h);
    for (let key = 0; key < keys; key += 1) mean[key]! += weights[start + key]! / heads;
  }
  return mean;
}
