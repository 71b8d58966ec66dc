// What a plan leaves out.

import type { AttentionPlan } from "@saccade/attention-core";
import type { Look } from "../terminal/look.ts";
import { table } from "../terminal/table.ts";
import { count, percent } from "./numbers.ts";

/** A line per plan: the pairs it computes, those of dense attention, and those of a batch padded to its longest set. */
export function savingsView(
  plans: readonly { readonly title: string; readonly plan: AttentionPlan }[],
  look: Look,
): string[] {
  const rows = plans.map(({ title, plan }) => {
    const padded = paddedPairs(plan);
    const sets = plan.queryOffsets.length - 1;
    const cells = [sets, plan.queryOffsets[sets]!, plan.pairs, plan.densePairs, padded].map(count);
    return [title, ...cells, padded === 0 ? "" : percent(plan.pairs / padded)];
  });
  const titles = ["sets", "rows", "computed", "dense", "padded", "of padded"];
  return table(
    [{ title: look.faint("plan") }, ...titles.map((title) => ({ title: look.faint(title), align: "right" as const }))],
    rows,
  );
}

/** Pairs of a batch that is padded to its longest set, as other runtimes need it. */
export function paddedPairs({ queryOffsets, keyOffsets }: AttentionPlan): number {
  const longest = (offsets: Int32Array): number =>
    offsets.reduce((most, offset, n) => (n === 0 ? 0 : Math.max(most, offset - offsets[n - 1]!)), 0);
  return (queryOffsets.length - 1) * longest(queryOffsets) * longest(keyOffsets);
}
