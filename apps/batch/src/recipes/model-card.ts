// The README.md of a model: what it is, what it was trained on and by which command, how good it is.

import type { Recipe, TrainedModel } from "./recipe.ts";

/** What the card says of the training. */
export interface CardFacts {
  readonly command: string;
  readonly seconds: number;
  readonly parameters: number;
  readonly node: string;
}

/** The text of a model card. */
export function modelCard({ name, card }: Recipe, { figures }: TrainedModel, facts: CardFacts): string {
  const { command, seconds, parameters, node } = facts;
  return [
    `# ${card.title}`,
    "",
    `Task \`${name}\` of Saccade. Licence of the weights: ${card.licence}.`,
    "",
    ...card.about.flatMap((paragraph) => [paragraph, ""]),
    "## Training",
    "",
    "```sh",
    command,
    "```",
    "",
    `${parameters.toLocaleString("en")} parameters, stored in eight bits with a scale for each row or column. ${minutes(seconds)} on one thread of Node ${node}.`,
    "",
    "## Measured",
    "",
    "| data | metric | value | of |",
    "| --- | --- | --- | --- |",
    ...figures.map(
      ({ data, metric, value, count }) => `| ${data} | ${metric} | ${(100 * value).toFixed(2)} % | ${count} |`,
    ),
    "",
  ].join("\n");
}

function minutes(seconds: number): string {
  return seconds < 90 ? `${Math.round(seconds)} seconds` : `${Math.round(seconds / 60)} minutes`;
}
