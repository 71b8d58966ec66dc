// All recipes, by their names.

import type { Recipe } from "./recipe.ts";
import { upos, uposWordsAlone } from "./text/upos.ts";

/** In the order in which help lists them. */
export const recipes: readonly Recipe[] = [upos, uposWordsAlone];
