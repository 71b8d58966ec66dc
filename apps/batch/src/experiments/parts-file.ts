// What the parts of an experiment gave, kept as they come, so that one that was stopped need not begin again.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/** Figures of parts by their names. */
export interface PartsFile {
  /** What `make` gives, or gave when the file was written: plain data that survives JSON. Rejects as `make` does. */
  readonly once: <R>(part: string, make: () => Promise<R>) => Promise<R>;
  /** Whether the file had parts. */
  readonly resumed: boolean;
  /** Removes the file: the experiment is done. */
  clear(): void;
}

/** The file at `path`; with `resume` what it has is not made again, without it begins anew. */
export function partsFile(path: string, resume: boolean): PartsFile {
  const known: Record<string, unknown> =
    resume && existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>) : {};
  return {
    resumed: Object.keys(known).length > 0,
    once: async <R>(part: string, make: () => Promise<R>): Promise<R> => {
      if (Object.hasOwn(known, part)) return known[part] as R;
      const made = await make();
      known[part] = made;
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${JSON.stringify(known, null, 2)}\n`);
      return made;
    },
    clear: () => rmSync(path, { force: true }),
  };
}
