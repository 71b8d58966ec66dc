// All experiments, by their names.

import { convolutionAsAttention } from "./convolution-as-attention/experiment.ts";
import type { Experiment } from "./experiment.ts";
import { heads } from "./heads/experiment.ts";
import { normalizers } from "./normalizers/experiment.ts";
import { positions } from "./positions/experiment.ts";
import { trainingSizeImages } from "./training-size/images.ts";
import { trainingSizeWords } from "./training-size/words.ts";
import { windowSize } from "./window-size/experiment.ts";

/** In the order in which help and the page list them. */
export const experiments: readonly Experiment[] = [
  convolutionAsAttention,
  positions,
  heads,
  normalizers,
  windowSize,
  trainingSizeWords,
  trainingSizeImages,
];
