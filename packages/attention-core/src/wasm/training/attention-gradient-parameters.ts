// The fields of `AttentionGradient` in `../kernels/training/attention-gradient-parameters.ts`, in its order: integers
// and addresses.

/** Field names of the parameters of attention's gradient, four bytes each. */
export const gradientFields = [
  "attention",
  "output",
  "dy",
  "dq",
  "dk",
  "dv",
  "bias",
  "biasPartials",
  "biasSize",
  "vectorPartials",
  "delta",
  "statistics",
  "items",
  "groupItems",
  "groupsBefore",
  "headsPerUnit",
  "keysPerWindow",
  "careful",
  "pairWeights",
  "pairScores",
  "incoming",
  "incomingRows",
  "incomingPlaces",
] as const;

/** A field of the parameters. */
export type GradientField = (typeof gradientFields)[number];

/** The parameters with these fields; the others are 0. */
export function gradientParameters(values: Readonly<Partial<Record<GradientField, number>>>): Int32Array {
  return Int32Array.from(gradientFields, (name) => values[name] ?? 0);
}
