// Everything that the host may call in a binary for training: what inference has, and the gradients.

/** Tells kernels that serve inference too that they are compiled for training. */
// @ts-ignore: decorator
@global
const TRAINING: bool = true;

export * from "../index";
export { attentionGradient } from "./attention-gradient";
export { attentionGradientSums } from "./attention-gradient-parameters";
export { attentionGradientKeys, attentionGradientRows } from "./attention-gradient-rows";
export { activateGradient, dropout } from "./elementwise-gradient";
export { linearWeightGradient, packRows, packWeightTransposed } from "./linear-gradient";
export { layerNormGradient, rmsNormGradient, softmaxGradient } from "./normalize-gradient";
export { poolGradient } from "./pool-gradient";
export { fillZeros, scatterRows } from "./scatter";
