// The table of cases: names and sizes, nothing else.

/** Sizes of the attention cases: 12 heads of 64, as in BERT base. */
export const attentionHeads = 12;
export const attentionHeadWidth = 64;

/** What ours runs on: so many threads of WASM, or those of the GPU. */
export type Threads = number | "gpu";

/** Tagging English text: how fast, how soon, how well. */
export interface TextCase {
  readonly kind: "tagging-speed" | "cold-start" | "tagging-accuracy";
  readonly name: string;
  readonly threads: number;
}

/** Cost of sound as it comes, by how long it is. */
export interface AudioCase {
  readonly kind: "audio-length";
  readonly name: string;
  readonly threads: number;
}

/** Products and sums over arrays, whose rates can be told. */
export type ArrayCase =
  /** [size, size] x [size, size], the right one a constant weight. */
  | { readonly kind: "gemm"; readonly name: string; readonly size: number; readonly threads: Threads }
  | {
      readonly kind: "attention";
      readonly name: string;
      readonly pattern: "full" | "causal" | "window";
      readonly positions: number;
      /** Default `attentionHeads`. */
      readonly heads?: number;
      readonly threads: Threads;
    }
  /** `sets` sets of random lengths, against one dense set of as many pairs. */
  | {
      readonly kind: "ragged";
      readonly name: string;
      readonly sets: number;
      readonly shortest: number;
      readonly longest: number;
      readonly threads: Threads;
    }
  /** A random graph; 8 heads of 8. */
  | {
      readonly kind: "neighbors";
      readonly name: string;
      readonly score: "dot" | "additive";
      readonly nodes: number;
      readonly edges: number;
      readonly threads: Threads;
    }
  /** The gradients of attention alone; one set, full attention. */
  | {
      readonly kind: "attention-gradient";
      readonly name: string;
      readonly positions: number;
      readonly threads: Threads;
    }
  /** A training step of a pre-norm encoder: 4 layers, width 256, 8 heads, feed-forward 1024. */
  | { readonly kind: "training"; readonly name: string; readonly threads: number }
  /** A whole encoder: 4 layers, width 256, 4 heads, feed-forward 1024. */
  | { readonly kind: "encoder"; readonly name: string; readonly positions: number; readonly threads: Threads }
  /** The network of `speech/frames` over log-mel frames, positions attending `reach` to either side; null: to all. */
  | { readonly kind: "speech-frames"; readonly name: string; readonly reach: number | null; readonly threads: number }
  /** `speech/frames` from samples to labels, its window as trained. */
  | { readonly kind: "speech-labels"; readonly name: string; readonly threads: number }
  /** The network of `graph/solubility`. */
  | { readonly kind: "molecules"; readonly name: string; readonly molecules: number; readonly threads: number }
  /** The network of `graph/citations` over a graph of Cora's size. */
  | { readonly kind: "citations"; readonly name: string; readonly threads: number }
  /** The network of `image/clothing`. */
  | { readonly kind: "clothing"; readonly name: string; readonly images: number; readonly threads: number };

/** Positions to the left and to the right of the window cases. */
export const windowReach = 64;

const gemm = (size: number): HostCase => ({ kind: "gemm", name: `gemm/${size}`, size, threads: 1 });

const attention = (pattern: "full" | "causal" | "window", positions: number): HostCase => ({
  kind: "attention",
  name: `attention/${pattern === "full" ? "dense" : pattern}/${positions}`,
  pattern,
  positions,
  threads: 1,
});

const neighbors = (score: "dot" | "additive"): HostCase => ({
  kind: "neighbors",
  name: `neighbors/${score}`,
  score,
  nodes: 100_000,
  edges: 1_000_000,
  threads: 1,
});

const attentionGradient = (positions: number): HostCase => ({
  kind: "attention-gradient",
  name: `attention/gradient/${positions}`,
  positions,
  threads: 1,
});

const encoder = (positions: number): HostCase => ({
  kind: "encoder",
  name: `encoder/4x256/${positions}`,
  positions,
  threads: 1,
});

/** Positions to either side that the speech cases sweep over. */
export const speechReaches: readonly (number | null)[] = [4, 8, 16, 32, null];

const speech = (reach: number | null): HostCase => ({
  kind: "speech-frames",
  name: `speech/frames/${reach === null ? "full" : `window-${reach}`}`,
  reach,
  threads: 1,
});

const molecules = (count: number): HostCase => ({
  kind: "molecules",
  name: `graph/molecules/${count}`,
  molecules: count,
  threads: 1,
});

const clothing = (images: number): HostCase => ({
  kind: "clothing",
  name: `image/clothing/${images}`,
  images,
  threads: 1,
});

const text = (kind: TextCase["kind"], name: string): TextCase => ({ kind, name, threads: 1 });

export type BenchmarkCase = ArrayCase | TextCase | AudioCase;

/** A case that threads of the host compute. */
export type HostCase = BenchmarkCase & { readonly threads: number };

export function isTextCase(benchmark: BenchmarkCase): benchmark is TextCase {
  return ["tagging-speed", "cold-start", "tagging-accuracy"].includes(benchmark.kind);
}

export const cases: readonly HostCase[] = [
  gemm(512),
  gemm(1024),
  ...[16, 64, 128, 512, 1024, 2048, 4096].map((positions) => attention("full", positions)),
  { kind: "attention", name: "attention/dense/1024/threads-2", pattern: "full", positions: 1024, threads: 2 },
  attention("causal", 1024),
  ...[1024, 4096, 16_384, 65_536].map((positions) => attention("window", positions)),
  { kind: "ragged", name: "attention/ragged/256-sets", sets: 256, shortest: 5, longest: 200, threads: 1 },
  neighbors("dot"),
  neighbors("additive"),
  encoder(128),
  encoder(512),
  ...[64, 512].map(attentionGradient),
  { kind: "training", name: "training/encoder-4x256", threads: 1 },
  ...speechReaches.map(speech),
  { kind: "speech-labels", name: "speech/frames/from-samples", threads: 1 },
  { kind: "audio-length", name: "speech/stream", threads: 1 },
  ...[64, 256].map(molecules),
  { kind: "citations", name: "graph/citations", threads: 1 },
  ...[1, 64].map(clothing),
  text("tagging-speed", "text/upos/words-per-second"),
  text("cold-start", "text/upos/cold-start"),
  text("tagging-accuracy", "text/accuracy"),
];
