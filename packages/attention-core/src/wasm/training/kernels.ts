// The host's side of `kernels/training/index.ts`: what the binaries for training export beyond those for inference.

/** Exports for gradients, in the order of their numbers, which go on from those of `kernelNames`. */
export const gradientKernelNames = [
  "activateGradient",
  "attentionGradient",
  "attentionGradientKeys",
  "attentionGradientRows",
  "attentionGradientSums",
  "dropout",
  "fillZeros",
  "layerNormGradient",
  "linearWeightGradient",
  "packRows",
  "packWeightTransposed",
  "poolGradient",
  "rmsNormGradient",
  "scatterRows",
  "softmaxGradient",
] as const;

/** The name of a kernel for gradients. */
export type GradientKernelName = (typeof gradientKernelNames)[number];
