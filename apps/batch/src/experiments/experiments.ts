// All experiments, by their names.

import { convolutionAsAttention } from "./convolution-as-attention/experiment.ts";
import type { Experiment } from "./experiment.ts";

/** In the order in which help and the page list them. */
export const experiments: readonly Experiment[] = [convolutionAsAttention];
