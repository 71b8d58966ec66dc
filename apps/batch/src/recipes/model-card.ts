// The README.md of a model: what it is, what it was trained on and by which command, how good it is.

import { figureText } from "./figure-text.ts";
import type { Recipe, TrainedModel } from "./recipe.ts";

/** What the card says of the training. */
export interface CardFacts {
  readonly command: string;
  readonly seconds: number;
  readonly parameters: number;
  readonly node: string;
}

/** The text of a model card. */
export function modelCard({ name, card }: Recipe, { figures, storage }: TrainedModel, facts: CardFacts): string {
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
    `${parameters.toLocaleString("en")} parameters, stored ${storageText[storage ?? "int8"]}. These weights took ${minutes(seconds)} on one thread of Node ${node}.`,
    "",
    "## Measured",
    "",
    "| data | metric | value | of |",
    "| --- | --- | --- | --- |",
    ...figures.map((figure) => `| ${figure.data} | ${figure.metric} | ${figureText(figure)} | ${figure.count} |`),
    "",
  ].join("\n");
}

const storageText = {
  int8: "in eight bits with a scale for each row or column",
  f16: "as float16",
  f32: "as float32",
};

function minutes(seconds: number): string {
  return seconds < 90 ? `${Math.round(seconds)} seconds` : `${Math.round(seconds / 60)} minutes`;
}
