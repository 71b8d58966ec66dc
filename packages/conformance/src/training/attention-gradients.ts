// Attention backward, over every setting that the suite runs forward, and over odd lengths.

import type { AttentionCase } from "../cases/attention-case.ts";
import { combinationCases } from "../cases/combinations.ts";
import { nonFiniteCases } from "../cases/non-finite.ts";
import { patternCases } from "../cases/patterns.ts";
import { scoreCases } from "../cases/scores.ts";
import { shapeCases } from "../cases/shapes.ts";
import { attentionGradientCase } from "./attention-gradient-case.ts";
import type { TrainingCase } from "./training-case.ts";

/** The cases of this file. */
export function attentionGradientCases(): TrainingCase[] {
  const forward: readonly AttentionCase[] = [
    ...shapeCases(),
    ...patternCases(),
    ...scoreCases(),
    ...nonFiniteCases(),
    ...combinationCases(),
  ];
  return forward.map(({ spec }) =>
    attentionGradientCase({ ...spec, group: spec.group.replace("attention", "gradients of attention") }),
  );
}
