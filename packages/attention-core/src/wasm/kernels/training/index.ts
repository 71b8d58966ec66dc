// Everything that the host may call in a binary for training: what inference has, and the gradients.

export * from "../index";
export { linearWeightGradient, packWeightTransposed } from "./linear-gradient";
