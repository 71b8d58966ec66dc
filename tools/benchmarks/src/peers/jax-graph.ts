// Graph attention in jax-js: rows gathered per edge, segment sums as the transpose of that gather. There is no segment
// maximum, so the largest score of the whole graph is taken off: the same function, if no row's scores lie 87 below it.
import { blockUntilReady, jit, nn, numpy as np, vjp } from "@jax-js/jax";
import type { Contestant, HostArray } from "../contestant.ts";
import type { Graph } from "../graph/random-graph.ts";
import type { AttentionInputs } from "../ours.ts";
import { jaxName, jaxRows, residentArrays, residentJax } from "./jax.ts";

export interface GraphSizes {
  readonly heads: number;
  readonly headWidth: number;
}

/** Attention over the edges of `graph`; with `additive`, scores are aᵀ leakyRelu(q + k) and `additive` is a, [H, D]. */
export async function jaxNeighbors(
  graph: Graph,
  { heads, headWidth }: GraphSizes,
  inputs: AttentionInputs,
  additive?: HostArray,
): Promise<Contestant> {
  const shape = [graph.nodes, heads, headWidth];
  const sources = await blockUntilReady(np.array(graph.sources, { dtype: np.int32 }));
  const targets = await blockUntilReady(np.array(graph.targets, { dtype: np.int32 }));
  const vector = additive && (await blockUntilReady(np.array(additive).reshape([heads, headWidth])));

  const segmentSum = (values: np.Array, segments: np.Array): np.Array => {
    const zeros = np.zeros([graph.nodes, ...values.shape.slice(1)]);
    const [gathered, transpose] = vjp((rows: np.Array) => np.take(rows, segments, 0), [zeros]);
    gathered.dispose();
    const [sums] = transpose(values);
    transpose.dispose();
    return sums!;
  };
  const weigh = jit((q: np.Array, k: np.Array, from: np.Array, to: np.Array) => {
    const queries = np.take(q, to, 0);
    const keys = np.take(k, from, 0);
    const scores = vector
      ? np.sum(nn.leakyRelu(queries.add(keys), 0.2).mul(vector.ref), -1)
      : np.sum(queries.mul(keys), -1).mul(1 / Math.sqrt(headWidth));
    return np.exp(scores.ref.sub(np.max(scores)));
  });
  const mix = jit((weights: np.Array, v: np.Array, from: np.Array) =>
    np.take(v, from, 0).mul(weights.reshape([graph.sources.length, heads, 1])),
  );
  const divide = jit((sums: np.Array, totals: np.Array) =>
    sums.div(np.maximum(totals, 1e-30).reshape([graph.nodes, heads, 1])),
  );

  const upload = (): np.Array[] => jaxRows(inputs, shape);
  const within = residentArrays(upload);
  const call = ([q, k, v]: readonly np.Array[]): np.Array => {
    const weights = weigh(q!, k!, sources.ref, targets.ref);
    const totals = segmentSum(weights.ref, targets.ref);
    const sums = segmentSum(mix(weights, v!, sources.ref), targets.ref);
    return divide(sums, totals);
  };
  return {
    library: jaxName,
    name: `${jaxName} gather and segment sums`,
    run: async () => (await call(upload()).data()) as HostArray,
    resident: async (calls) => residentJax(calls, () => [call(within.get())]),
    async dispose() {
      within.dispose();
      sources.dispose();
      targets.dispose();
      vector?.dispose();
      weigh.dispose();
      mix.dispose();
      divide.dispose();
    },
  };
}

/** The same with each row of the graph padded to the longest: gathers alone, more work, no segment sum. */
export async function jaxPaddedNeighbors(
  graph: Graph,
  { heads, headWidth }: GraphSizes,
  inputs: AttentionInputs,
  additive?: HostArray,
): Promise<Contestant> {
  const shape = [graph.nodes, heads, headWidth];
  let longest = 0;
  for (let node = 0; node < graph.nodes; node++)
    longest = Math.max(longest, graph.offsets[node + 1]! - graph.offsets[node]!);
  const paddedSources = new Int32Array(graph.nodes * longest);
  const paddedMask = new Float32Array(graph.nodes * longest).fill(-Infinity);
  for (let node = 0; node < graph.nodes; node++) {
    const row = graph.sources.subarray(graph.offsets[node], graph.offsets[node + 1]);
    paddedSources.set(row, node * longest);
    paddedMask.fill(0, node * longest, node * longest + row.length);
  }
  const sources = await blockUntilReady(np.array(paddedSources, { dtype: np.int32 }));
  const mask = await blockUntilReady(np.array(paddedMask).reshape([graph.nodes, longest, 1]));
  const vector = additive && (await blockUntilReady(np.array(additive).reshape([heads, headWidth])));

  const gather = (rows: np.Array, from: np.Array): np.Array =>
    np.take(rows, from, 0).reshape([graph.nodes, longest, heads, headWidth]);
  const score = jit((q: np.Array, k: np.Array, from: np.Array, penalty: np.Array) => {
    const queries = q.reshape([graph.nodes, 1, heads, headWidth]);
    const keys = gather(k, from);
    const scores = vector
      ? np.sum(nn.leakyRelu(queries.add(keys), 0.2).mul(vector.ref), -1)
      : np.sum(queries.mul(keys), -1).mul(1 / Math.sqrt(headWidth));
    const allowed = scores.add(penalty);
    const largest = np.maximum(np.max(allowed.ref, 1, { keepdims: true }), -1e30);
    const weights = np.exp(allowed.sub(largest));
    return weights.ref.div(np.maximum(np.sum(weights, 1, { keepdims: true }), 1e-30));
  });
  const mix = jit((weights: np.Array, v: np.Array, from: np.Array) =>
    np.sum(gather(v, from).mul(weights.reshape([graph.nodes, longest, heads, 1])), 1),
  );
  const upload = (): np.Array[] => jaxRows(inputs, shape);
  const within = residentArrays(upload);
  const call = ([q, k, v]: readonly np.Array[]): np.Array => mix(score(q!, k!, sources.ref, mask.ref), v!, sources.ref);
  return {
    library: jaxName,
    name: `${jaxName} gather padded to the longest row`,
    run: async () => (await call(upload()).data()) as HostArray,
    resident: async (calls) => residentJax(calls, () => [call(within.get())]),
    async dispose() {
      within.dispose();
      sources.dispose();
      mask.dispose();
      vector?.dispose();
      score.dispose();
      mix.dispose();
    },
  };
}
