// Every map that a backend returned, against the weights of the dense formula.

import type { AttentionMaps, MapRequest, Workspace } from "@saccade/attention-core";
import type { Checker } from "../check/checker.ts";
import type { DenseInput, DenseOutput, DenseRow } from "../dense/attention.ts";
import {
  denseColumnSums,
  denseEdges,
  denseEntropy,
  denseFull,
  denseLogSumExp,
  denseRows,
  headGroups,
} from "../dense/maps.ts";

/** Checks the maps of `request`; `edgeCount` is E of the neighbours pattern. */
export async function checkMaps(
  check: Checker,
  workspace: Workspace,
  maps: AttentionMaps,
  request: MapRequest,
  input: DenseInput,
  expected: DenseOutput,
  edgeCount: number,
): Promise<void> {
  const mean = request.meanOverHeads ?? false;
  const columns = mean ? 1 : input.heads;
  const queryRows = input.queries.at(-1)!;
  if (request.rows !== undefined) {
    check.close("maps.rows", await workspace.read(maps.rows!), denseRows(input, expected, request.rows, mean));
  }
  if (request.topK !== undefined) {
    const { keys, weights } = maps.topK!;
    check.shape("maps.topK.keys", keys.shape, [queryRows, columns, request.topK]);
    check.shape("maps.topK.weights", weights.shape, [queryRows, columns, request.topK]);
    checkTopK(check, await workspace.read(keys), await workspace.read(weights), request.topK, input, expected, mean);
  }
  if (request.columnSums) {
    check.shape("maps.columnSums", maps.columnSums!.shape, [input.keys.at(-1)!, columns]);
    check.close("maps.columnSums", await workspace.read(maps.columnSums!), denseColumnSums(input, expected, mean));
  }
  if (request.entropy) {
    check.shape("maps.entropy", maps.entropy!.shape, [queryRows, input.heads]);
    // Entropy is a difference of logarithms: its rounding is that of numbers near 1, however small it comes out.
    check.close("maps.entropy", await workspace.read(maps.entropy!), denseEntropy(expected), 1);
  }
  if (request.logSumExp) {
    check.shape("maps.logSumExp", maps.logSumExp!.shape, [queryRows, input.heads]);
    check.close("maps.logSumExp", await workspace.read(maps.logSumExp!), denseLogSumExp(expected), 1);
  }
  if (request.edges) {
    check.shape("maps.edges", maps.edges!.shape, [edgeCount, columns]);
    check.close("maps.edges", await workspace.read(maps.edges!), denseEdges(input, expected, edgeCount, mean));
  }
  if (request.full !== undefined) {
    check.close(
      `maps.full of ${request.full}`,
      await workspace.read(maps.full!),
      denseFull(input, expected, request.full, mean),
    );
  }
}

/**
 * Equal weights may come in any order, so keys are checked by the weight that they have. Over neighbours the largest
 * edges are meant: a key that is a neighbour twice may come twice.
 */
function checkTopK(
  check: Checker,
  keys: Int32Array,
  weights: Float32Array,
  k: number,
  input: DenseInput,
  expected: DenseOutput,
  mean: boolean,
): void {
  const largest: number[] = [];
  const ofKeys: number[] = [];
  let place = 0;
  for (let row = 0; row < input.permitted.length; row++) {
    for (const group of headGroups(expected, row, input.heads, mean)) {
      const candidates = candidatesOf(group);
      const found = [...keys.subarray(place, place + k)];
      const count = Math.min(k, candidates.length);
      const rest = [...candidates];
      const ofFound = found.slice(0, count).map((key) => {
        const at = rest.findIndex((candidate) => candidate.key === key);
        return at === -1 ? undefined : rest.splice(at, 1)[0]!.weight;
      });
      check.that(
        `maps.topK.keys of row ${row} must be ${count} of its permitted keys and -1 after them, is ${found.join(", ")}`,
        ofFound.every((weight) => weight !== undefined) && found.slice(count).every((key) => key === -1),
      );
      for (let i = 0; i < k; i++) {
        largest.push(candidates[i]?.weight ?? 0);
        ofKeys.push(ofFound[i] ?? 0);
      }
      place += k;
    }
  }
  check.close("maps.topK.weights", weights, largest);
  check.close("weights of maps.topK.keys", ofKeys, largest);
}

interface Candidate {
  readonly key: number;
  readonly edge: number;
  readonly weight: number;
}

/** The permitted keys, or edges, of one head or of all together, by their weight or its mean, largest first. */
function candidatesOf(group: readonly DenseRow[]): Candidate[] {
  const candidates = new Map<number, Candidate>();
  for (const { weighted } of group) {
    for (const { key, edge, weight } of weighted) {
      const name = edge === -1 ? key : edge;
      const before = candidates.get(name)?.weight ?? 0;
      candidates.set(name, { key, edge, weight: before + weight / group.length });
    }
  }
  return [...candidates.values()].sort((a, b) => b.weight - a.weight);
}
