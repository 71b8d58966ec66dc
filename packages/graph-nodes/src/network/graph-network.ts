// A network over graphs, made of the core's bricks: features of nodes to rows, layers of attention over neighbours, scores.

import {
  type AttentionMaps,
  type Backend,
  checkOffsets,
  describeLayout,
  dispose,
  type Features,
  type LayerMapRequest,
  type MapRequest,
  type ModelResult,
  type Network,
  type RunModelOptions,
  type Tensor,
  type WeightLeaf,
  type Workspace,
} from "@saccade/attention-core";
import { readSparseRows } from "../features/sparse-rows.ts";
import { mapsOfEdges, requestOfEdges } from "./edge-maps.ts";
import { keysAreEdges, releaseEdges, uploadEdges } from "./graph-edges.ts";
import { type GraphHeadWeights, layoutHead, scoreHead } from "./graph-head.ts";
import { type GraphInputWeights, inputRows, layoutInput } from "./graph-input.ts";
import { graphLayer } from "./graph-layer.ts";
import { type GraphLayerWeights, layoutGraphLayer } from "./graph-layer-weights.ts";
import { checkGraphNetworkConfig, type GraphNetworkConfig, inputWidth } from "./graph-network-config.ts";

/**
 * How to run a network over graphs; the hooks are the places of dropout in training. Each is given rows and returns those to
 * use instead, and disposes the given ones if they are others. Beside those of `RunModelOptions` (`onInput`: the first
 * rows [P, W]; `onBranch`: what attention and feed-forward blocks add to a path that skips them; `onHidden`; `onPooled`,
 * for each readout) there are three. Dropout of attention's weights is a matter of the tape.
 */
export interface GraphRunOptions extends RunModelOptions {
  /** The numbers of nodes' features [P, F]; of sparse ones a column of their values [entries, 1], of which each is one feature of one node. */
  readonly onFeatures?: ((values: Tensor) => Tensor) | undefined;
  /** What the attention of each layer reads [P, I], after its norm; not asked of layers without a map. */
  readonly onLayer?: ((rows: Tensor) => Tensor) | undefined;
  /** The values [P, H · D] that each layer mixes, after scores are made of them. */
  readonly onValues?: ((values: Tensor) => Tensor) | undefined;
}

/** A network over graphs, its weights found. */
export type RunGraphNetwork = (
  backend: Backend,
  workspace: Workspace,
  features: Features,
  options?: GraphRunOptions,
) => Promise<ModelResult>;

/** A network over graphs. */
export interface GraphNetwork extends Network {
  readonly config: GraphNetworkConfig;
  bind(find: WeightLeaf<Tensor>): RunGraphNetwork;
}

/**
 * The network of a configuration; features are those of `graphFeatures`. Maps have one entry per layer, then one of the
 * readout if it attends; `edges` are in the order of the pattern, which `neighborRows` gives; where features of edges are
 * in the keys, there are no maps of scores. Throws what `checkGraphNetworkConfig` throws.
 *
 * @example
 * const network = graphNetwork(config);
 * const weights = uploadWeights(backend, initialWeights(network.describeWeights(), 1));
 * const run = network.bind(weights.find);
 * using workspace = backend.workspace();
 * const { scores } = await run(backend, workspace, graphFeatures(config, [graph]));
 */
export function graphNetwork(config: GraphNetworkConfig): GraphNetwork {
  checkGraphNetworkConfig(config);
  const { head, layers } = config;
  return {
    config,
    head: { kind: head.kind, labels: head.labels },
    layers: layers.length,
    poolingQueries: poolingQueries(config),
    describeWeights: () => describeLayout((leaf) => layoutNetwork(config, leaf)),
    checkFeatures: (features) => checkGraphFeatures(config, features),
    bind(find) {
      const weights = layoutNetwork(config, find);
      return async (backend, workspace, features, options = {}) =>
        runGraphNetwork(backend, workspace, config, weights, features, options);
    },
  };
}

interface GraphNetworkWeights<T = Tensor> {
  readonly input: GraphInputWeights<T>;
  readonly layers: readonly GraphLayerWeights<T>[];
  readonly head: GraphHeadWeights<T>;
}

function layoutNetwork<T>(config: GraphNetworkConfig, leaf: WeightLeaf<T>): GraphNetworkWeights<T> {
  return {
    input: layoutInput(config.input, leaf),
    layers: config.layers.map((layer, n) =>
      layoutGraphLayer(`layers.${n}`, layer, inputWidth(config, n), config.edges, leaf),
    ),
    head: layoutHead(config.head, inputWidth(config, config.layers.length), leaf),
  };
}

function poolingQueries({ head }: GraphNetworkConfig): number {
  if (head.kind === "position-labels") return 0;
  for (const pooling of head.readout) if (pooling.kind === "attention") return pooling.queries ?? 1;
  return 0;
}

/** Throws unless `features` are such as `graphFeatures` makes for the network. */
function checkGraphFeatures({ input, edges: edgeInput }: GraphNetworkConfig, features: Features): void {
  const { offsets, values, pattern, edges } = features;
  checkOffsets("use features", "offsets", offsets);
  const nodes = offsets.at(-1) ?? 0;
  const kind = input.kind === "sparse" ? Int32Array : Float32Array;
  if (!(values instanceof kind)) {
    throw new TypeError(
      `Cannot use features: values must be a ${kind.name} for an input of kind ${input.kind}, they are not`,
    );
  }
  const rows =
    input.kind === "dense" ? values.length / input.columns : readSparseRows(input, values).offsets.length - 1;
  if (rows !== nodes) {
    throw new RangeError(`Cannot use features: values must be those of ${nodes} nodes, they are of ${rows}`);
  }
  if (pattern.kind !== "neighbors") {
    throw new TypeError(`Cannot use features: pattern must be neighbors, it is ${pattern.kind}`);
  }
  const expected = (edgeInput?.width ?? 0) * pattern.indices.length;
  if (edgeInput !== undefined && edges?.length !== expected) {
    throw new RangeError(
      `Cannot use features: edges must be ${edgeInput.width} for each of ${pattern.indices.length} edges, there are ${edges?.length ?? 0}`,
    );
  }
}

async function runGraphNetwork(
  backend: Backend,
  workspace: Workspace,
  config: GraphNetworkConfig,
  weights: GraphNetworkWeights,
  features: Features,
  options: GraphRunOptions,
): Promise<ModelResult> {
  checkGraphFeatures(config, features);
  const { onInput, onHidden, onFeatures } = options;
  const edges = uploadEdges(backend, workspace, config.edges, features);
  const embedded = inputRows(workspace, config.input, weights.input, features.values, onFeatures);
  let rows = onInput ? onInput(embedded) : embedded;
  const overEdges = keysAreEdges(config.edges);
  const maps: AttentionMaps[] = [];
  await workspace.checkpoint();
  for (const [n, layer] of config.layers.entries()) {
    const request = mapsOf(options.maps, n);
    const made = graphLayer(workspace, layer, weights.layers[n]!, rows, {
      edges,
      edgesInValues: config.edges?.use === "keys-values",
      maps: overEdges ? requestOfEdges(request) : request,
      onBranch: options.onBranch,
      onLayer: layer.map === false ? undefined : options.onLayer,
      onValues: options.onValues,
    });
    rows[dispose]();
    rows = made.output;
    maps.push(overEdges ? await mapsOfEdges(workspace, made.maps, request, features) : made.maps);
    await workspace.checkpoint();
    options.onProgress?.(n + 1, config.layers.length);
  }
  releaseEdges(edges);
  const hidden = onHidden ? onHidden(rows) : rows;
  const scored = scoreHead(backend, workspace, config.head, weights.head, hidden, features.offsets, {
    maps: options.headMaps ?? headMapsOf(options.maps, config.layers.length),
    onPooled: options.onPooled,
  });
  return { hidden, scores: scored.scores, maps: [...maps, ...scored.maps], plan: edges.ofNodes };
}

/** What of `request` concerns one layer. */
function mapsOf(request: LayerMapRequest | undefined, layer: number): MapRequest | undefined {
  if (!request) return undefined;
  const { layers, ...maps } = request;
  return layers && !layers.includes(layer) ? undefined : maps;
}

/** Of the head: but for `rows` and `edges`, which count what it does not have. */
function headMapsOf(request: LayerMapRequest | undefined, layers: number): MapRequest | undefined {
  const { rows: _rows, edges: _edges, ...maps } = mapsOf(request, layers) ?? {};
  return Object.keys(maps).length === 0 ? undefined : maps;
}
