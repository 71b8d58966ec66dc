import type { Inversion } from "../pixels/image-rows.ts";

/** Settings of every task on images. */
export interface ImageSettings {
  /** Whether images are turned to their negatives; see `Inversion`. */
  readonly invert: Inversion;
}

/** Images are taken as they are. */
export const imageSettings: ImageSettings = { invert: "never" };
