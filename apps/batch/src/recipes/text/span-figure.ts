// How good a tagger of spans is: F1 of the spans that BIO labels make, as recipes measure it while they train.

import { spanScores, spansOfBio } from "@saccade/text-tokens";
import type { LabelledSentence } from "./tagger-data.ts";
import type { TaggerPlan } from "./tagger-recipe.ts";

/** The figure and metric of a plan: F1 of the spans of the first kind of labels in `dev`. */
export function spanFigure(
  dev: readonly LabelledSentence[],
  metric: string,
  data: string,
): Pick<TaggerPlan, "figure"> & Required<Pick<TaggerPlan, "metricOf">> {
  const gold = dev.map(({ labels }) => spansOfBio(labels[0]!));
  return {
    figure: { metric, count: gold.reduce((sum, spans) => sum + spans.length, 0), data },
    metricOf:
      ({ labels }) =>
      (found) =>
        spanScores(
          gold,
          found.map((own) => spansOfBio(Array.from(own, (label) => labels[label]!))),
        ).f1,
  };
}
