import type { AttentionBias, AttentionMaps, AttentionScore, DType, Tensor } from "@saccade/attention-core";

type ReplaceTensor = <D extends DType>(tensor: Tensor<D>) => Tensor<D>;

/** `maps` with each tensor replaced. */
export function replaceMaps(maps: AttentionMaps, replace: ReplaceTensor): AttentionMaps {
  const { rows, topK, columnSums, entropy, logSumExp, edges, full } = maps;
  return {
    ...(rows && { rows: replace(rows) }),
    ...(topK && { topK: { keys: replace(topK.keys), weights: replace(topK.weights) } }),
    ...(columnSums && { columnSums: replace(columnSums) }),
    ...(entropy && { entropy: replace(entropy) }),
    ...(logSumExp && { logSumExp: replace(logSumExp) }),
    ...(edges && { edges: replace(edges) }),
    ...(full && { full: replace(full) }),
  };
}

/** The tensor that a bias is made of. */
export function tensorOfBias(bias: AttentionBias): Tensor {
  switch (bias.kind) {
    case "dense":
    case "edges":
      return bias.values;
    case "alibi":
      return bias.slopes;
    case "relative":
    case "relative2d":
      return bias.table;
    default:
      return bias satisfies never;
  }
}

/** `bias` over another tensor. */
export function withTensor(bias: AttentionBias, tensor: Tensor): AttentionBias {
  switch (bias.kind) {
    case "dense":
    case "edges":
      return { ...bias, values: tensor };
    case "alibi":
      return { ...bias, slopes: tensor };
    case "relative":
    case "relative2d":
      return { ...bias, table: tensor };
    default:
      return bias satisfies never;
  }
}

/** `score` over another vector; a score without one is returned as it is. */
export function withVector(score: AttentionScore, vector: Tensor | null): AttentionScore {
  return score.kind === "additive" && vector !== null ? { ...score, vector } : score;
}
