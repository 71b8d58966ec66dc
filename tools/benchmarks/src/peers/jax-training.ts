// The encoder of `training/encoder-problem.ts` written for jax-js, and its training step by `valueAndGrad` under `jit`.
// Weights and gradients stay where its optimisers work, on its device: a step neither uploads nor reads them.
import { blockUntilReady, jit, nn, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import type { Weights } from "@saccade/attention-core";
import type { Contestant, HostArray } from "../contestant.ts";
import { config, labels, type LabelledBatch, taggerSpecs } from "../training/encoder-problem.ts";
import { type PaddedBatch, paddedBias, paddedRows, paddedTargets } from "../training/padded-batches.ts";
import { jaxName } from "./jax.ts";

type Parameters = Record<string, np.Array>;

/** Steps over the padded `parts` of `batch`, whose gradients add up; `form` says how it was padded. */
export async function jaxTraining(
  form: string,
  weights: Weights,
  batch: LabelledBatch,
  parts: readonly PaddedBatch[],
  checkedCounts: Float32Array,
): Promise<Contestant> {
  const specs = taggerSpecs();
  const parameters: Parameters = {};
  for (const { name, shape } of specs) {
    parameters[name] = await blockUntilReady(np.array(weights.get(name)!.values as HostArray).reshape([...shape]));
  }
  const inputs = parts.map((part) => ({
    part,
    rows: paddedRows(part, batch),
    bias: paddedBias(part),
    targets: paddedTargets(part, batch),
  }));
  const steps = parts.map((part) => jit(valueAndGrad(lossOver(part))));
  const add = jit((a: Parameters, b: Parameters) => tree.map((x: np.Array, y: np.Array) => x.add(y), a, b));

  const step = async (counts?: Float32Array): Promise<Parameters> => {
    let sum: Parameters | undefined;
    for (const [i, { part, rows, bias, targets }] of inputs.entries()) {
      const { sets, positions } = part;
      const wanted = counts ? paddedTargets(part, batch, counts) : targets;
      const [loss, gradients] = steps[i]!(
        tree.ref(parameters),
        np.array(rows).reshape([sets * positions, config.width]),
        np.array(bias).reshape([sets, 1, positions, positions]),
        np.array(wanted).reshape([sets * positions, labels]),
      );
      await loss.data();
      sum = sum ? add(sum, gradients) : gradients;
    }
    await blockUntilReady(sum!);
    return sum!;
  };
  const nothing = new Float32Array(0);
  return {
    library: jaxName,
    name: `${jaxName} ${form}`,
    async run() {
      tree.dispose(await step());
      return nothing;
    },
    async check() {
      const gradients = await step(checkedCounts);
      const values: HostArray[] = [];
      for (const { name } of specs) values.push((await gradients[name]!.data()) as HostArray);
      const flat = new Float32Array(values.reduce((sum, { length }) => sum + length, 0));
      let first = 0;
      for (const part of values) {
        flat.set(part, first);
        first += part.length;
      }
      return flat;
    },
    async dispose() {
      tree.dispose(parameters);
      for (const one of steps) one.dispose();
      add.dispose();
    },
  };
}

type Loss = (parameters: Parameters, rows: np.Array, bias: np.Array, targets: np.Array) => np.Array;

/** Rows stay two-dimensional, [B · T, W], but for attention: its products are then the large ones that it is fast at. */
function lossOver({ sets, positions }: PaddedBatch): Loss {
  const { width, heads, layers, epsilon } = config;
  return (parameters, rows, bias, targets) => {
    const find = (name: string): np.Array => parameters[name]!;
    const linear = (name: string, x: np.Array): np.Array =>
      np.matmul(x, find(`${name}.weight`)).add(find(`${name}.bias`));
    const normalize = (name: string, x: np.Array): np.Array =>
      nn
        .standardize(x, -1, { epsilon })
        .mul(find(`${name}.gain`))
        .add(find(`${name}.bias`));
    const split = (x: np.Array): np.Array => x.reshape([sets, positions, heads, width / heads]);
    let x = rows;
    for (let layer = 0; layer < layers; layer++) {
      const path = `encoder.layers.${layer}`;
      const attention = `${path}.attention`;
      const h = normalize(`${path}.attentionNorm`, x.ref);
      const query = split(linear(`${attention}.query`, h.ref));
      const key = split(linear(`${attention}.key`, h.ref));
      const value = split(linear(`${attention}.value`, h));
      const mixed = nn.dotProductAttention(query, key, value, { bias: bias.ref }).reshape([sets * positions, width]);
      x = x.add(linear(`${attention}.output`, mixed));
      const up = linear(`${path}.feedForward.up`, normalize(`${path}.feedForwardNorm`, x.ref));
      x = x.add(linear(`${path}.feedForward.down`, nn.gelu(up, { approximate: false })));
    }
    bias.dispose();
    const scores = linear("labels", normalize("encoder.finalNorm", x));
    return np.sum(nn.logSoftmax(scores, -1).mul(targets)).neg();
  };
}
