// A label for each patch of an image, and the items that patches of one label make.

import { type Grid, largestOf, probabilitiesOf } from "@saccade/attention-core";
import type { Modality } from "@saccade/pipeline";
import type { Image } from "../pixels/image.ts";
import type { ImageFormat } from "../pixels/image-rows.ts";
import { openTask } from "./open-task.ts";
import { type Box, boxOf } from "./patch-boxes.ts";
import { groupPatches } from "./patch-groups.ts";
import type { LabelScore } from "./label-score.ts";
import { type ImageSettings, imageSettings } from "./settings.ts";

/** Patches that touch by a side and have one label. */
export interface PatchItem extends LabelScore, Box {
  /** Ascending; patch p is in row ⌊p / columns⌋. */
  readonly patches: readonly number[];
}

/** The patches of an image. */
export interface LabelledPatches {
  /** Of patches. */
  readonly rows: number;
  readonly columns: number;
  /** [rows · columns], row by row: the most probable label, and how probable it is. */
  readonly patches: readonly LabelScore[];
  /** Without those of the model's label for nothing, by their first patch; the score is the mean of their patches'. */
  readonly items: readonly PatchItem[];
}

/**
 * `image/patches`: a label for each patch of an image, and boxes around those that belong together. An image of any size is
 * brought to the one that the model reads; boxes are in its own pixels.
 */
export const patches: Modality<Image, LabelledPatches, "position-labels", ImageSettings> = {
  name: "image/patches",
  head: "position-labels",
  settings: imageSettings,
  async open(files, settings) {
    const { model, ...processor } = openTask(files, "image/patches", "position-labels", settings);
    const { labels, empty, grid, image } = model.config;
    return {
      ...processor,
      decode: ({ values, offsets }, inputs) =>
        inputs.map((input, n) => {
          const scores = Array.from({ length: grid[0] * grid[1] }, (_, p): LabelScore => {
            const probabilities = probabilitiesOf(values, offsets[n]! + p, labels.length);
            const best = largestOf(probabilities);
            return { label: labels[best]!, score: probabilities[best]! };
          });
          return labelledPatches(scores, grid, empty, input, image);
        }),
    };
  },
};

function labelledPatches(
  scores: readonly LabelScore[],
  grid: Grid,
  empty: string | undefined,
  input: Image,
  format: ImageFormat,
): LabelledPatches {
  const groups = groupPatches(
    scores.map(({ label }) => label),
    grid,
  );
  const items = groups.filter(({ label }) => label !== empty);
  return {
    rows: grid[0],
    columns: grid[1],
    patches: scores,
    items: items.map(({ label, patches: members }): PatchItem => ({
      label,
      score: members.reduce((sum, p) => sum + scores[p]!.score, 0) / members.length,
      patches: members,
      ...boxOf(members, grid, input, format),
    })),
  };
}
