// What the project has set itself on a card.
import { formatPercent } from "../format.ts";
import type { GoalOutcome } from "../goal.ts";
import { isTimedOnGpu, type WebgpuOutcome } from "./webgpu-result.ts";

const wide = "attention/dense/4096/16-heads";
const leastShare = 0.35;

/** Every goal over `outcomes`. */
export function checkWebgpuGoals(outcomes: readonly WebgpuOutcome[]): GoalOutcome[] {
  const share = outcomes.filter(isTimedOnGpu).find(({ name }) => name === wide)?.times.share;
  const claim = `${wide}: share of the fp32 peak at least ${formatPercent(leastShare, 0)}`;
  return [
    share === undefined
      ? { claim, measured: "not measured", met: undefined }
      : { claim, measured: formatPercent(share), met: share >= leastShare },
  ];
}
