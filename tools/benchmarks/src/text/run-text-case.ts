// The cases about English text. Each skips, with its reason, where what it needs is not here.
import { uposModel } from "@saccade/text-tokens/models/upos";
import type { CaseSkip } from "../result.ts";
import type { TextCase } from "../shapes.ts";
import { measureAccuracy } from "./accuracy.ts";
import { measureColdStart } from "./cold-start.ts";
import { measureSpeed } from "./speed.ts";
import { missingModel } from "./taggers/ours.ts";
import type { TextResult } from "./text-result.ts";

/** Runs `benchmark`; without `withPeers` ours alone. Throws for a wrong result. */
export async function runTextCase({ kind, name }: TextCase, withPeers: boolean): Promise<TextResult | CaseSkip> {
  const missing = missingModel(uposModel);
  if (missing) return { name, skipped: missing };
  switch (kind) {
    case "tagging-speed":
      return measureSpeed(name, withPeers);
    case "cold-start":
      return measureColdStart(name, withPeers);
    case "tagging-accuracy":
      return measureAccuracy(name, withPeers);
  }
}
