// Names of persons, places and other things, found by a model with BIO labels.

import type { Modality } from "@saccade/pipeline";
import { type Entity, type EntityGrouping, entityGroupings, groupEntities } from "../labels/group-entities.ts";
import { type TextSettings, textSettings } from "./settings.ts";
import { openTagging } from "./tagging.ts";
import type { TextInput } from "./text-input.ts";

/** Settings of `entities`. */
export interface EntitySettings extends TextSettings {
  /** How labels become entities. Words are not cut in pieces here, so all groupings but their names are the same. */
  readonly grouping: EntityGrouping;
}

/**
 * `text/entities`: the entities of each text, in its order, by any model whose labels are O, B-X and I-X. Inputs, offsets
 * and long texts are as in `upos`.
 */
export const entities: Modality<TextInput, readonly Entity[], "position-labels", EntitySettings> = {
  name: "text/entities",
  head: "position-labels",
  settings: { ...textSettings, grouping: "simple" },
  open: async (files, settings, signal) => {
    const { grouping } = settings;
    if (!entityGroupings.includes(grouping)) {
      throw new RangeError(
        `Cannot open text/entities: grouping must be one of ${entityGroupings.join(", ")}, it is ${String(grouping)}`,
      );
    }
    return openTagging("text/entities", files, settings, signal, ({ text, tokens, probabilities }, labels) => {
      const pieces = tokens.map(({ start, end }, i) => ({ start, end, probabilities: probabilities[i]! }));
      return groupEntities(text, pieces, labels, grouping);
    });
  },
};
