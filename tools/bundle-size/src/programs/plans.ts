// Patterns and plans without any backend.
import { compilePlan, offsetsOf } from "@saccade/attention-core";

const offsets = offsetsOf([5, 3]);
const plan = compilePlan(offsets, offsets, { kind: "window", left: 1, right: 1 });
console.log(plan.pairs, plan.densePairs);
