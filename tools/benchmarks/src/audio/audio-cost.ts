/** What sound costs as it comes, by how long it is. */
export interface AudioCost {
  readonly kind: "audio-cost";
  readonly name: string;
  /** Seconds of new sound in each excerpt of the stream. */
  readonly blockSeconds: number;
  /** From the middle of a position's sound to when it can be computed, in seconds. */
  readonly latencySeconds: number;
  /** Ascending by length. */
  readonly spans: readonly AudioSpan[];
}

/** One length of sound. */
export interface AudioSpan {
  readonly seconds: number;
  /** To hear all of it: the median. */
  readonly ms: number;
  readonly msPerSecond: number;
  /** The most that the backend, opened anew for this length, ever had in use. */
  readonly peakMemoryBytes: number;
}
