// The whole suite for training as data.

import { gradientArgumentCases } from "./arguments.ts";
import { attentionGradientCases } from "./attention-gradients.ts";
import { gradientCompositionCases } from "./composition.ts";
import { dropoutCases } from "./dropout.ts";
import { gradientLifetimeCases } from "./lifetime.ts";
import { rowGradientCases } from "./row-gradients.ts";
import type { TrainingCase } from "./training-case.ts";

/** Every case of our own for backends that go backward. Inputs are drawn when a case runs, from its name. */
export function trainingCases(): TrainingCase[] {
  return [
    ...attentionGradientCases(),
    ...rowGradientCases(),
    ...dropoutCases(),
    ...gradientCompositionCases(),
    ...gradientArgumentCases(),
    ...gradientLifetimeCases(),
  ];
}
