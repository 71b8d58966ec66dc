// What a case is made of: contestants that compute the same thing, and the numbers that say what the thing is.

import type { PeerLibraries } from "./peers/load.ts";

/** A plain array on the host. */
export type HostArray = Float32Array<ArrayBuffer>;

/** One way to compute a case, ours or a peer's. `run` starts from host arrays and ends with a host array. */
export interface Contestant {
  /** What it is compared as; forms of one library share it, and the fastest of them stands for the library. */
  readonly library: string;
  /** Library and form. */
  readonly name: string;
  readonly run: () => Promise<HostArray>;
  /** Computes `calls` times in a row from what is on the device already, leaves results there, and waits for the last. */
  readonly resident?: (calls: number) => Promise<void>;
  /** Computes by the same code what is held against the right answer, where that is not what `run` returns. */
  readonly check?: () => Promise<HostArray>;
  readonly dispose: () => Promise<void>;
  /** The most memory that it ever had in use; ours alone. */
  readonly memoryBytes?: () => number;
  /** Where row `row` of the result is in what `run` returns; `null` if it computes something else. Default: there. */
  readonly rowAt?: ((row: number) => number) | null;
}

/** A contestant that could not take part, and why. */
export interface Absence {
  readonly name: string;
  readonly reason: string;
}

/** Makes a peer, or says by what it throws why there is none. */
export interface PeerFactory {
  readonly name: string;
  readonly create: (libraries: PeerLibraries) => Promise<Contestant>;
}

/** Some rows of the right answer. */
export interface Expected {
  readonly rows: Int32Array;
  /** Columns of a row. */
  readonly width: number;
  /** [rows, width] */
  readonly values: Float32Array;
  /** Rows of one number have one scale, by which their errors are divided: [rows]. Default: all have one. */
  readonly groups?: Int32Array;
}

/** How much a case does. */
export interface Work {
  /** Multiplications and additions that the answer needs, over permitted pairs alone. */
  readonly operations: number;
  /** Where memory is the limit: the bytes that must be read and written at least. */
  readonly bytes?: number;
  readonly positions?: number;
  readonly edges?: number;
  /** What a user counts, where that is not positions: so many of them in a call. */
  readonly items?: { readonly unit: string; readonly count: number };
}

/** A case ready to be checked and timed. */
export interface Prepared {
  readonly work: Work;
  /** The largest error, relative to the scale of the answer, that still counts as right. */
  readonly tolerance: number;
  readonly expected: () => Promise<Expected>;
  readonly ours: () => Promise<Contestant>;
  /** Ours in other forms, to set beside it. */
  readonly alternatives?: readonly (() => Promise<Contestant>)[];
  readonly peers: readonly PeerFactory[];
}
