// A citation graph in JSON: papers, their words, who cites whom, and the standard split of Planetoid (Yang et al. 2016,
// "Revisiting Semi-Supervised Learning with Graph Embeddings"). Labels are -1 where they are not told.

import type { Graph } from "@saccade/graph-nodes";

/** A citation graph with what is known of its nodes. */
export interface CitationData {
  readonly name: string;
  /** P. */
  readonly nodes: number;
  /** Words that a node may have; columns of its features. */
  readonly words: number;
  /** L. */
  readonly classes: number;
  /** Pairs of nodes, each once, without direction; none of a node with itself. */
  readonly edges: readonly (readonly [number, number])[];
  /** For each node the words that it has, ascending. */
  readonly features: readonly Int32Array[];
  /** [P], -1 where it is not told. */
  readonly labels: Int32Array;
  /** Nodes by what they are for. */
  readonly train: Int32Array;
  readonly validation: Int32Array;
  readonly test: Int32Array;
}

/** The file is no citation graph, or does not agree with itself. */
export class PlanetoidError extends Error {
  override readonly name = "PlanetoidError";
  readonly code = "planetoid";
}

/**
 * Reads a citation graph. Throws `PlanetoidError` for text that is not JSON, fields that are missing or of another kind, ids
 * outside their range, loops, edges or words that appear twice, and a node in two parts of the split.
 */
export function readPlanetoid(text: string): CitationData {
  const data = fieldsOf(parse(text));
  const papers = papersOf(data);
  const { nodes } = papers;
  const classes = count(data, "numClasses", 2);
  const labels = ids(data["labels"], "labels", -1, classes);
  if (labels.length !== nodes) refuse(`labels must be one for each of ${nodes} nodes, there are ${labels.length}`);
  const partOf = (part: string): Int32Array => distinct(data[part], part, nodes);
  const [train, validation, test] = [partOf("train"), partOf("val"), partOf("test")];
  checkApart({ train, val: validation, test }, nodes);
  const name = typeof data["name"] === "string" ? data["name"] : "graph";
  return { ...papers, name, classes, labels, train, validation, test };
}

/** Papers, their words and citations, without what is known of them. */
export type Papers = Pick<CitationData, "nodes" | "words" | "edges" | "features">;

/**
 * The papers that a value of JSON stands for: numNodes, numFeatures, edges and features of the same format. Throws
 * `PlanetoidError` as `readPlanetoid` does.
 */
export function readPapers(value: unknown): Papers {
  return papersOf(fieldsOf(value));
}

function papersOf(data: Fields): Papers {
  const nodes = count(data, "numNodes", 1);
  const words = count(data, "numFeatures", 1);
  const features = list(data["features"], "features").map((own, n) => distinct(own, `features of node ${n}`, words));
  if (features.length !== nodes) {
    refuse(`features must be one list for each of ${nodes} nodes, there are ${features.length}`);
  }
  return { nodes, words, features, edges: edgesOf(data["edges"], nodes) };
}

type Fields = Readonly<Record<string, unknown>>;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    return refuse(`it must be JSON; ${(cause as Error).message}`, { cause });
  }
}

function fieldsOf(value: unknown): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  return refuse("it must be an object, it is another value");
}

function count(data: Fields, field: string, least: number): number {
  const value = data[field];
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) < 2 ** 31) return value as number;
  return refuse(`${field} must be an integer from ${least} to 2^31 - 1, it is ${JSON.stringify(value)?.slice(0, 40)}`);
}

function list(value: unknown, what: string): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : refuse(`${what} must be a list, there is none`);
}

/** Integers from `from` to below `end`. */
function ids(value: unknown, what: string, from: number, end: number): Int32Array {
  const values = list(value, what);
  const bad = values.findIndex((id) => !(Number.isSafeInteger(id) && (id as number) >= from && (id as number) < end));
  if (bad >= 0) {
    const actual = JSON.stringify(values[bad])?.slice(0, 40);
    refuse(`${what} must be integers from ${from} to ${end - 1}, number ${bad} is ${actual}`);
  }
  return Int32Array.from(values as number[]);
}

function distinct(value: unknown, what: string, end: number): Int32Array {
  const values = ids(value, what, 0, end).toSorted();
  const twice = values.findIndex((id, i) => i > 0 && id === values[i - 1]);
  if (twice >= 0) refuse(`${what} must be named once each, ${values[twice]} is there twice`);
  return values;
}

function edgesOf(value: unknown, nodes: number): (readonly [number, number])[] {
  const seen = new Set<number>();
  return list(value, "edges").map((pair, e) => {
    const [a = -1, b = -1, ...more] = ids(pair, `edge ${e}`, 0, nodes);
    if (a < 0 || b < 0 || more.length > 0) refuse(`edge ${e} must be two nodes, it has ${(pair as unknown[]).length}`);
    if (a === b) refuse(`edge ${e} must join two nodes, it joins ${a} to itself`);
    const key = Math.min(a, b) * nodes + Math.max(a, b);
    if (seen.has(key)) refuse(`edge ${e} must be there once, ${a} and ${b} are joined already`);
    seen.add(key);
    return [a, b] as const;
  });
}

function checkApart(parts: Readonly<Record<string, Int32Array>>, nodes: number): void {
  const partOf = new Map<number, string>();
  for (const [part, members] of Object.entries(parts)) {
    for (const node of members) {
      const other = partOf.get(node);
      if (other !== undefined)
        refuse(`train, val and test must be apart, node ${node} of ${nodes} is in ${other} and ${part}`);
      partOf.set(node, part);
    }
  }
}

function refuse(rule: string, options?: ErrorOptions): never {
  throw new PlanetoidError(`Cannot read citation graph: ${rule}`, options);
}

/** The graph of citations that a network reads: words are sparse features, and who cites whom does not matter. */
export function citationGraph({ nodes, words, edges, features }: Papers): Graph {
  const offsets = new Int32Array(nodes + 1);
  features.forEach((own, node) => (offsets[node + 1] = offsets[node]! + own.length));
  const columns = new Int32Array(offsets[nodes]!);
  features.forEach((own, node) => columns.set(own, offsets[node]));
  return {
    nodes,
    direction: "undirected",
    edges: {
      kind: "list",
      from: Int32Array.from(edges, ([from]) => from),
      to: Int32Array.from(edges, ([, to]) => to),
    },
    nodeFeatures: { kind: "sparse", width: words, offsets, columns },
  };
}
