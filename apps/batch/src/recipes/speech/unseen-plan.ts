// What is trained for voices that were not heard.

import type { ClipEnsemble } from "./clip-ensemble.ts";
import type { ClipPlan } from "./clip-recipe.ts";
import { digitPlan } from "./digits.ts";
import { telephoneFrames } from "./speech-network.ts";

/** Settings were found by two speakers to leave out, george and nicolas; the file of the recipe says what came out. */
export const unseenPlan: ClipPlan = {
  ...digitPlan,
  frames: { ...telephoneFrames, bands: 32 },
  network: {
    ...digitPlan.network,
    strides: [
      { columns: 16, size: 5, times: 1, bands: 2 },
      { columns: 32, size: 3, times: 2, bands: 2 },
    ],
  },
  normalization: { floor: 7, mean: 0.5 },
  changes: {
    variants: 6,
    waveform: { speed: [0.9, 1.12], paddingMs: [0, 60], noiseBelowDb: [12, 50], gainDb: [0, 0] },
    warp: [0.92, 1.08],
    frames: {
      stretch: [0.85, 1.2],
      times: { count: 1, frames: 6, share: 0.15 },
      bands: { count: 1, bands: 4 },
      channel: 0.2,
      equalizer: { points: 6, most: 0.5 },
    },
  },
  settings: { ...digitPlan.settings, epochs: 7 },
};

/** Who is asked about a voice. */
export const unseenEnsemble: ClipEnsemble = { networks: 3, warps: [0.93, 1, 1.07] };
