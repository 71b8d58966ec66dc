// Where a command prints. Commands get it as an argument, so that tests can read along.

import type { Look } from "./look.ts";

export interface Terminal {
  /** Characters in a line. */
  readonly columns: number;
  readonly look: Look;
  /** Prints lines of results. */
  readonly print: (lines: readonly string[]) => void;
  /** Shows how far something is, in the place of what it showed before; nothing where nobody watches. */
  readonly progress: (line: string) => void;
  /** Prints a line about what went wrong. */
  readonly complain: (line: string) => void;
}
