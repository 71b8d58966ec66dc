// The whole suite as data.

import type { BackendCase } from "./backend-case.ts";
import { argumentCases } from "./cases/arguments.ts";
import { combinationCases } from "./cases/combinations.ts";
import { compositionCases } from "./cases/composition.ts";
import { elementwiseCases } from "./cases/elementwise.ts";
import { gatherCases } from "./cases/gathers.ts";
import { lifetimeCases } from "./cases/lifetime.ts";
import { linearCases } from "./cases/linear.ts";
import { mapCases } from "./cases/maps.ts";
import { moveCases } from "./cases/moves.ts";
import { nonFiniteCases } from "./cases/non-finite.ts";
import { normCases } from "./cases/norms.ts";
import { patternCases } from "./cases/patterns.ts";
import { scoreCases } from "./cases/scores.ts";
import { shapeCases } from "./cases/shapes.ts";

/** Every case of our own, in the order of a reading of the contract. Inputs are drawn when a case runs, from its name. */
export function backendCases(): BackendCase[] {
  return [
    ...shapeCases(),
    ...patternCases(),
    ...scoreCases(),
    ...mapCases(),
    ...nonFiniteCases(),
    ...combinationCases(),
    ...linearCases(),
    ...elementwiseCases(),
    ...normCases(),
    ...gatherCases(),
    ...moveCases(),
    ...compositionCases(),
    ...argumentCases(),
    ...lifetimeCases(),
  ];
}
