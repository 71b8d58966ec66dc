// Dropout: which elements stay is the contract's own, so that it is checked element by element.

import { type Dropout, dropoutKeeps } from "@saccade/attention-core";
import { withWorkspace } from "../backend-case.ts";
import { seeded } from "../random.ts";
import { forms } from "../cases/scores.ts";
import { type AttentionGradientSpec, attentionGradientCase } from "./attention-gradient-case.ts";
import { oddSizes } from "./row-gradients.ts";
import { type TrainingCase, trainingCase } from "./training-case.ts";

const group = "dropout";
const lengths: readonly number[] = [21, 1, 0, 33];

const settings: readonly Omit<AttentionGradientSpec, "group" | "queries" | "dropout">[] = [
  { name: "softmax" },
  { name: "softmax, grouped heads, value width 5", heads: 4, kvHeads: 2, valueWidth: 5 },
  { name: "softmax, softcap, relative bias", softcap: 2, bias: "relative" },
  { name: "softmax, dense bias", bias: "dense" },
  { name: "additive", score: { activation: "tanh" } },
  { name: "relu", normalizer: "relu" },
  { name: "hard", normalizer: "hard" },
];

/** The cases of this file. */
export function dropoutCases(): TrainingCase[] {
  return [
    ...oddSizes.map((width) => rowsCase([9, width], { rate: 0.3, seed: width })),
    rowsCase([4000], { rate: 0.1, seed: 0 }),
    rowsCase([30, 3, 7], { rate: 0.9, seed: 2 ** 32 - 1 }),
    rowsCase([33, 17], { rate: 0, seed: 5 }),
    rowsCase([33, 17], { rate: 0.999, seed: 123456789 }),
    rowsCase([0, 4], { rate: 0.5, seed: 1 }),
    ...settings.flatMap((setting) =>
      Object.entries(forms).map(([form, pattern]) =>
        attentionGradientCase({
          ...setting,
          group,
          name: `attention: ${setting.name}, ${form}`,
          queries: lengths,
          pattern: (random) => pattern(random, lengths),
          dropout: { rate: 0.35, seed: 2 ** 31 + 17 },
        }),
      ),
    ),
    attentionGradientCase({
      group,
      name: "attention: rate 0 is none",
      queries: lengths,
      dropout: { rate: 0, seed: 9 },
    }),
    attentionGradientCase({
      group,
      name: "attention: rate 0.99",
      queries: lengths,
      dropout: { rate: 0.99, seed: 9 },
    }),
    attentionGradientCase({
      group,
      name: "attention: cross, causal",
      queries: [9, 4, 17],
      keys: [13, 2, 40],
      pattern: { kind: "causal" },
      dropout: { rate: 0.2, seed: 77 },
    }),
    mapsCase(),
  ];
}

function rowsCase(shape: readonly number[], dropout: Dropout): TrainingCase {
  const name = `[${shape.join(", ")}], rate ${dropout.rate}, seed ${dropout.seed}`;
  return trainingCase(group, name, ({ backend, check }) =>
    withWorkspace(backend, async (workspace) => {
      const x = seeded(name).normals(shape.reduce((a, b) => a * b, 1));
      const y = workspace.dropout(workspace.upload(x, shape), dropout);
      check.shape("dropout", y.shape, shape);
      const values = await workspace.read(y);
      values.forEach((value, i) => {
        if (!dropoutKeeps(dropout, i)) check.that(`element ${i} must be dropped, is ${value}`, value === 0);
      });
      check.close(
        "dropout",
        values,
        x.map((value, i) => (dropoutKeeps(dropout, i) ? value / (1 - dropout.rate) : 0)),
      );
    }),
  );
}

function mapsCase(): TrainingCase {
  const name = "attention: maps show weights without it";
  return trainingCase(group, name, ({ backend, check }) =>
    withWorkspace(backend, async (workspace) => {
      const x = workspace.upload(seeded(name).normals(19 * 16), [19, 16]);
      const offsets = Int32Array.of(0, 12, 19);
      const plan = backend.plan(offsets, offsets, { kind: "causal" });
      const options = {
        heads: 2,
        maps: { columnSums: true, entropy: true, logSumExp: true, full: "weights" },
      } as const;
      const dropped = workspace.attention(x, x, x, plan, { ...options, dropout: { rate: 0.5, seed: 3 } });
      const whole = workspace.attention(x, x, x, plan, options);
      for (const map of ["columnSums", "entropy", "logSumExp", "full"] as const) {
        check.close(map, await workspace.read(dropped.maps[map]!), await workspace.read(whole.maps[map]!));
      }
    }),
  );
}
