// What the files of a graph model say besides its weights: the network, and what its scores mean. Training writes it and
// tasks read it, so that both see the same.

import { ModelMismatchError } from "@saccade/attention-core";
import { graphNetwork, type GraphNetwork } from "../network/graph-network.ts";
import type { GraphNetworkConfig } from "../network/graph-network-config.ts";

/** What the scores of a model mean. */
export type GraphModelOutput =
  /** One of L labels, in the order of the scores. */
  | { readonly kind: "label"; readonly labels: readonly string[] }
  /** A number in `unit`: mean + scale · score, by default the score. */
  | { readonly kind: "value"; readonly unit: string; readonly mean?: number; readonly scale?: number };

/** What config.json of a graph model says, besides name and version. */
export interface GraphModelConfig {
  readonly model: GraphNetworkConfig;
  readonly output: GraphModelOutput;
}

/** A graph model, ready to see graphs. */
export interface GraphModel<K extends GraphModelOutput["kind"] = GraphModelOutput["kind"]> {
  readonly network: GraphNetwork;
  readonly output: Extract<GraphModelOutput, { readonly kind: K }>;
}

/** What is needed of the files of a model; `ModelFiles` of @saccade/model-files has it. */
export interface GraphModelFiles {
  readonly name: string;
  readonly config: unknown;
}

/** What a task asks of a model. */
export interface GraphModelDemand<K extends GraphModelOutput["kind"]> {
  /** In messages: "graph/citations". */
  readonly task: string;
  readonly head: GraphNetworkConfig["head"]["kind"];
  readonly output: K;
  /** Features of nodes and of edges, where the task makes them itself; edges may be left alone by a model. */
  readonly features?: {
    readonly kind: GraphNetworkConfig["input"]["kind"];
    readonly nodes: number;
    readonly edges: number;
  };
}

/**
 * Opens the files of a model for a task. Throws `ModelMismatchError` if the configuration is of another kind of model, does
 * not agree with itself, or is not what the task demands.
 */
export function openGraphModel<K extends GraphModelOutput["kind"]>(
  files: GraphModelFiles,
  { task, head, output: kind, features }: GraphModelDemand<K>,
): GraphModel<K> {
  const refuse = (rule: string, options?: ErrorOptions): never => {
    throw new ModelMismatchError(`Cannot open model "${files.name}" as ${task}: ${rule}`, options);
  };
  const { model, output } = asObject(files.config, "its configuration", refuse);
  const network = networkOf(model as GraphNetworkConfig, refuse);
  if (network.head.kind !== head) refuse(`head must be "${head}", the model has "${network.head.kind}"`);
  checkOutput(output as GraphModelOutput, kind, network.head.labels, refuse);
  if (features) checkFeatureCounts(network.config, features, refuse);
  return { network, output: output as GraphModel<K>["output"] };
}

type Refuse = (rule: string, options?: ErrorOptions) => never;

function networkOf(config: GraphNetworkConfig, refuse: Refuse): GraphNetwork {
  try {
    return graphNetwork(config);
  } catch (cause) {
    return refuse((cause as Error).message, { cause });
  }
}

function checkOutput(value: unknown, kind: GraphModelOutput["kind"], scores: number, refuse: Refuse): void {
  const output = asObject(value, "output", refuse);
  if (output["kind"] !== kind)
    refuse(`output must be of kind "${kind}", it is of kind ${JSON.stringify(output["kind"])}`);
  if (kind === "label") {
    const { labels } = output;
    if (!Array.isArray(labels) || !labels.every((label) => typeof label === "string")) {
      return refuse("labels must be a list of strings, they are none");
    }
    if (labels.length !== scores) {
      refuse(`labels must be as many as the head scores, ${scores}; there are ${labels.length}`);
    }
    return;
  }
  if (scores !== 1) refuse(`the head must have one score for a value, it has ${scores}`);
  if (typeof output["unit"] !== "string") refuse("unit must be a string, it is none");
  for (const name of ["mean", "scale"]) {
    if (output[name] !== undefined && !Number.isFinite(output[name]))
      refuse(`${name} must be a finite number, it is none`);
  }
}

function checkFeatureCounts(
  { input, edges }: GraphNetworkConfig,
  { kind, nodes, edges: ofEdges }: NonNullable<GraphModelDemand<GraphModelOutput["kind"]>["features"]>,
  refuse: Refuse,
): void {
  if (input.kind !== kind || input.columns !== nodes) {
    refuse(`input must be ${kind} of ${nodes} columns, it is ${input.kind} of ${input.columns}`);
  }
  if (edges !== undefined && edges.width !== ofEdges) refuse(`edges must be ${ofEdges} wide, they are ${edges.width}`);
}

function asObject(value: unknown, name: string, refuse: Refuse): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return refuse(`${name} must be an object, it is none`);
  return value as Readonly<Record<string, unknown>>;
}
