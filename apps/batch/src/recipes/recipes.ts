// All recipes, by their names.

import type { Recipe } from "./recipe.ts";
import { citationsCiteseerGat, citationsGat } from "./graph/citations-gat.ts";
import { citationsCiteseerSplits, citationsSplits } from "./graph/citations-splits.ts";
import { citations, citationsCiteseer } from "./graph/citations.ts";
import { lipophilicity } from "./graph/lipophilicity.ts";
import { solubility, solubilityFolds } from "./graph/solubility.ts";
import { cifar } from "./image/cifar.ts";
import { clothing } from "./image/clothing.ts";
import { patches } from "./image/patches.ts";
import { digitStrings, frames } from "./speech/digit-strings.ts";
import { digitsUnseenSpeaker } from "./speech/digits-unseen-speaker.ts";
import { digits } from "./speech/digits.ts";
import { phones } from "./speech/phones.ts";
import { speaker } from "./speech/speaker.ts";
import { chineseUpos } from "./text/chinese-upos.ts";
import { entities } from "./text/entities.ts";
import { sentiment } from "./text/sentiment.ts";
import { upos, uposWordsAlone } from "./text/upos.ts";

/** In the order in which help lists them. */
export const recipes: readonly Recipe[] = [
  upos,
  uposWordsAlone,
  entities,
  sentiment,
  chineseUpos,
  digits,
  digitsUnseenSpeaker,
  speaker,
  frames,
  digitStrings,
  phones,
  clothing,
  patches,
  cifar,
  citations,
  citationsCiteseer,
  citationsGat,
  citationsCiteseerGat,
  citationsSplits,
  citationsCiteseerSplits,
  solubility,
  solubilityFolds,
  lipophilicity,
];
