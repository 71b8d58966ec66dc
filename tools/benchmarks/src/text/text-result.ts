// What the cases about English text come to.

/** How fast taggers are, on the same texts in the same rounds; ours comes first. */
export interface TaggingSpeed {
  readonly kind: "tagging-speed";
  readonly name: string;
  /** What was tagged. */
  readonly texts: string;
  /** As the data count them, or our tokenizer where the data do not: for all taggers alike. */
  readonly words: number;
  readonly taggers: readonly TaggerSpeed[];
}

export interface TaggerSpeed {
  readonly name: string;
  /** Of all texts: the median, in milliseconds. */
  readonly ms: number;
  /** 10 % and 90 % quantiles. */
  readonly spreadMs: readonly [number, number];
  readonly wordsPerSecond: number;
  /** The very first time. */
  readonly firstMs: number;
}

/** How long a fresh process takes to its first answer; ours comes first. */
export interface ColdStart {
  readonly kind: "cold-start";
  readonly name: string;
  readonly processes: number;
  readonly taggers: readonly TaggerStart[];
}

/** Milliseconds, medians. */
export interface TaggerStart {
  readonly name: string;
  /** From spawning the process to its answer. */
  readonly ms: number;
  /** 10 % and 90 % quantiles. */
  readonly spreadMs: readonly [number, number];
  /** What of it passes until Node runs the first line, then importing, loading the model, and answering. */
  readonly parts: Readonly<Record<"node" | "import" | "load" | "answer", number>>;
}

/** How often taggers are right; ours comes first. */
export interface TaggingAccuracy {
  readonly kind: "tagging-accuracy";
  readonly name: string;
  /** What they were held against. */
  readonly data: string;
  readonly taggers: readonly TaggerAccuracy[];
  /** Taggers that did not take part: name, and reason. */
  readonly absent: Readonly<Record<string, string>>;
}

/** Shares from 0 to 1; see `scoreTagger`. */
export interface TaggerAccuracy {
  readonly name: string;
  readonly learntFrom: string;
  readonly goldWords: number;
  readonly rawText: number;
  readonly splitting: number;
}

export type TextResult = TaggingSpeed | ColdStart | TaggingAccuracy;
