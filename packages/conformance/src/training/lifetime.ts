// Who owns gradients, and what becomes of them and of their arguments.

import {
  type AttentionPlan,
  dispose,
  type Tensor,
  type TrainingAttentionOptions,
  type TrainingBackend,
  type TrainingWorkspace,
} from "@saccade/attention-core";
import { liveOf, withWorkspace } from "../backend-case.ts";
import { workThatTakes } from "../cases/lifetime.ts";
import { seeded } from "../random.ts";
import { type TrainingCase, trainingCase } from "./training-case.ts";

const group = "gradients: lifetime";
const P = 24;
const W = 16;

/** The arguments of every gradient. */
interface Arguments {
  readonly x: Tensor;
  readonly dy: Tensor;
  readonly gain: Tensor;
  readonly weight: Tensor;
  readonly ids: Tensor<"i32">;
  readonly windows: Tensor<"i32">;
  readonly table: Tensor;
  readonly vector: Tensor;
  readonly cos: Tensor;
  readonly sin: Tensor;
  readonly output: Tensor;
  readonly logSumExp: Tensor;
}

/** What a gradient is computed with. */
interface Material {
  readonly workspace: TrainingWorkspace;
  readonly plan: AttentionPlan;
  readonly inputs: Arguments;
}

function makeMaterial(backend: TrainingBackend, workspace: TrainingWorkspace): Material {
  const random = seeded(group);
  const draw = (shape: readonly number[]): Tensor =>
    workspace.upload(random.normals(shape.reduce((a, b) => a * b, 1)), shape);
  const inputs = {
    x: draw([P, W]),
    dy: draw([P, W]),
    gain: draw([W]),
    weight: draw([W, W]),
    ids: workspace.upload(
      Int32Array.from({ length: P }, (_, i) => i % 5),
      [P],
    ),
    windows: workspace.upload(
      Int32Array.from({ length: P }, (_, i) => (i * 5) % P),
      [P, 1],
    ),
    table: draw([2, 5]),
    vector: draw([2, W / 2]),
    cos: draw([5, W / 4]),
    sin: draw([5, W / 4]),
  };
  const { x } = inputs;
  const offsets = Int32Array.of(0, 9, P);
  const plan = backend.plan(offsets, offsets, { kind: "causal" });
  const options = { ...attentionOptions(inputs), maps: { logSumExp: true } };
  const { output, maps } = workspace.attention(x, x, x, plan, options);
  return { workspace, plan, inputs: { ...inputs, output, logSumExp: maps.logSumExp! } };
}

function attentionOptions({ table, vector }: Pick<Arguments, "table" | "vector">): TrainingAttentionOptions {
  return {
    heads: 2,
    bias: { kind: "relative", table },
    score: { kind: "additive", vector, activation: "tanh" },
  };
}

interface GradientCall {
  readonly reads: readonly (keyof Arguments)[];
  readonly run: (material: Material) => readonly Tensor[];
}

/** Every gradient, and which arguments it reads. */
const gradients: Readonly<Record<string, GradientCall>> = {
  attentionGradient: {
    reads: ["x", "dy", "table", "vector", "output", "logSumExp"],
    run: ({ workspace, plan, inputs }) => {
      const { x, dy, output, logSumExp } = inputs;
      const attended = { output, logSumExp };
      const found = workspace.attentionGradient(x, x, x, plan, attentionOptions(inputs), attended, dy);
      return [found.q, found.k, found.v, found.bias!, found.vector!];
    },
  },
  dropout: {
    reads: ["x"],
    run: ({ workspace, inputs: { x } }) => [workspace.dropout(x, { rate: 0.3, seed: 1 })],
  },
  embedGradient: {
    reads: ["ids", "dy"],
    run: ({ workspace, inputs: { ids, dy } }) => [workspace.embedGradient(ids, dy, 5)],
  },
  linearInputGradient: {
    reads: ["dy", "weight"],
    run: ({ workspace, inputs: { dy, weight } }) => [workspace.linearInputGradient(dy, weight)],
  },
  linearWeightGradient: {
    reads: ["x", "dy"],
    run: ({ workspace, inputs: { x, dy } }) => [workspace.linearWeightGradient(x, dy)],
  },
  activateGradient: {
    reads: ["x", "dy"],
    run: ({ workspace, inputs: { x, dy } }) => [workspace.activateGradient(x, "gelu", dy)],
  },
  layerNormGradient: {
    reads: ["x", "gain", "dy"],
    run: ({ workspace, inputs: { x, gain, dy } }) => Object.values(workspace.layerNormGradient(x, gain, 1e-5, dy)),
  },
  rmsNormGradient: {
    reads: ["x", "gain", "dy"],
    run: ({ workspace, inputs: { x, gain, dy } }) => Object.values(workspace.rmsNormGradient(x, gain, 1e-5, dy)),
  },
  softmaxGradient: {
    reads: ["x", "dy"],
    run: ({ workspace, inputs: { x, dy } }) => [workspace.softmaxGradient(x, dy)],
  },
  poolGradient: {
    reads: ["x", "dy"],
    run: ({ workspace, inputs: { x, dy } }) => {
      const offsets = Int32Array.from({ length: P + 1 }, (_, i) => i);
      return [workspace.poolGradient(x, offsets, "max", dy)];
    },
  },
  unfoldGradient: {
    reads: ["dy", "windows"],
    run: ({ workspace, inputs: { dy, windows } }) => [workspace.unfoldGradient(dy, windows, P)],
  },
  rotateGradient: {
    reads: ["dy", "ids", "cos", "sin"],
    run: ({ workspace, inputs: { dy, ids, cos, sin } }) => [workspace.rotateGradient(dy, ids, cos, sin, { heads: 2 })],
  },
};

function readAll(workspace: TrainingWorkspace, tensors: readonly Tensor[]): Promise<Float32Array[]> {
  return Promise.all(tensors.map((tensor) => workspace.read(tensor)));
}

const inputsStay: readonly TrainingCase[] = [
  trainingCase(group, "gradients leave their arguments as they are", ({ backend, check }) =>
    withWorkspace(backend, async (workspace) => {
      const material = makeMaterial(backend, workspace);
      const { ids: _, windows: __, ...floats } = material.inputs;
      const before = await readAll(workspace, Object.values(floats));
      for (const { run } of Object.values(gradients)) run(material);
      const after = await readAll(workspace, Object.values(floats));
      Object.keys(floats).forEach((name, i) => check.same(name, after[i]!, before[i]!));
    }),
  ),
  ...Object.entries(gradients).map(([name, { run }]) =>
    trainingCase(group, `${name}() of arguments that are disposed at once`, async ({ backend, check }) => {
      const expected = await withWorkspace(backend, (workspace) =>
        readAll(workspace, run(makeMaterial(backend, workspace))),
      );
      await withWorkspace(backend, async (workspace) => {
        const material = makeMaterial(backend, workspace);
        const results = run(material);
        for (const tensor of Object.values(material.inputs) as Tensor[]) tensor[dispose]();
        // What may be given the same memory.
        for (let i = 0; i < 12; i++) workspace.upload(new Float32Array(P * W).fill(7), [P, W]);
        const values = await readAll(workspace, results);
        values.forEach((array, i) => check.close(`result ${i}`, array, expected[i]!));
      });
    }),
  ),
];

const disposal: readonly TrainingCase[] = [
  ...Object.entries(gradients).flatMap(([name, { reads, run }]) =>
    reads.map((argument) =>
      trainingCase(group, `${name}() of a disposed argument throws, ${argument}`, ({ backend, check }) =>
        withWorkspace(backend, async (workspace) => {
          const material = makeMaterial(backend, workspace);
          material.inputs[argument][dispose]();
          await check.throws(name, ["DisposedError"], () => run(material));
        }),
      ),
    ),
  ),
  ...Object.entries(gradients).map(([name, { run }]) =>
    trainingCase(group, `${name}() in a disposed workspace throws`, async ({ backend, check }) => {
      const workspace = backend.workspace();
      const material = makeMaterial(backend, workspace);
      workspace[dispose]();
      await check.throws(name, ["DisposedError"], () => run(material));
    }),
  ),
  trainingCase(group, "gradients go with their workspace, and keep() outlives it", async ({ backend, check }) => {
    const { kept, lost, expected } = await withWorkspace(backend, async (workspace) => {
      const { x, dy } = makeMaterial(backend, workspace).inputs;
      const gradient = workspace.linearWeightGradient(x, dy);
      return { kept: workspace.keep(gradient), lost: gradient, expected: await workspace.read(gradient) };
    });
    await withWorkspace(backend, async (workspace) => {
      check.same("what was kept", await workspace.read(kept), expected);
      await check.throws("what was not", ["DisposedError", "TypeError"], () => workspace.add(lost, lost));
    });
    kept[dispose]();
  }),
  {
    ...trainingCase(group, "memory is given back", async ({ backend, check }) => {
      // What was disposed before this case goes first.
      await withWorkspace(backend, (workspace) => workspace.checkpoint());
      const before = liveOf(backend);
      for (let i = 0; i < 3; i++) {
        await withWorkspace(backend, async (workspace) => {
          const material = makeMaterial(backend, workspace);
          for (const { run } of Object.values(gradients)) run(material);
          await workspace.checkpoint();
        });
      }
      await withWorkspace(backend, (workspace) => workspace.checkpoint());
      check.same("what is alive", [liveOf(backend)!], [before!]);
    }),
    requires: "live",
  },
  {
    ...trainingCase(group, "a workspace that stays open holds no more than its results", ({ backend, check }) =>
      withWorkspace(backend, async (workspace) => {
        const material = makeMaterial(backend, workspace);
        const steps = async (): Promise<number> => {
          for (const { run } of Object.values(gradients)) {
            for (const tensor of run(material)) tensor[dispose]();
          }
          await workspace.checkpoint();
          return liveOf(backend)!;
        };
        const first = await steps();
        for (let i = 0; i < 3; i++) check.same("what is alive after another step", [await steps()], [first]);
      }),
    ),
    requires: "live",
  },
];

const aborts: readonly TrainingCase[] = [
  trainingCase(group, "an abort while gradients are computed rejects the checkpoint", async ({ backend, check }) => {
    const submit = (workspace: TrainingWorkspace): void => {
      const material = makeMaterial(backend, workspace);
      for (const { run } of Object.values(gradients)) run(material);
    };
    const count = await workThatTakes(backend, 80, submit);
    const controller = new AbortController();
    const workspace = backend.workspace(controller.signal);
    for (let i = 0; i < count; i++) submit(workspace);
    const reason = new Error("stopped at");
    const promise = workspace.checkpoint();
    controller.abort(reason);
    await check.rejects("checkpoint", reason, promise);
    workspace[dispose]();
    await withWorkspace(backend, async (other) => {
      const x = other.upload(Float32Array.of(-1, 2), [1, 2]);
      check.close("the backend stays usable", await other.read(other.activateGradient(x, "relu", x)), [0, 2]);
    });
  }),
];

/** The cases of this file. */
export function gradientLifetimeCases(): TrainingCase[] {
  return [...inputsStay, ...disposal, ...aborts];
}
