// Where the page of results is.
import { readFile } from "node:fs/promises";

export const pageUrl: URL = new URL("../../../BENCHMARKS.md", import.meta.url);

/** The page as it is; empty where there is none yet. */
export async function readPage(): Promise<string> {
  return readFile(pageUrl, "utf8").catch(() => "");
}
