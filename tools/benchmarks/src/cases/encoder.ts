// A small encoder from its rows to its last hidden rows: what a page runs for a text of that many tokens.
import {
  type Backend,
  describeEncoderWeights,
  encode,
  type EncoderConfig,
  initialWeights,
  layoutEncoder,
  type Tensor,
  uploadWeights,
  type Workspace,
} from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import type { Prepared } from "../contestant.ts";
import { contestant, openBackend } from "../ours.ts";
import { randomNormals } from "../random.ts";
import type { BenchmarkCase } from "../shapes.ts";

const config: EncoderConfig = {
  layers: 4,
  width: 256,
  heads: 4,
  feedForwardWidth: 1024,
  activation: "gelu",
  norm: "layer",
  placement: "post",
  epsilon: 1e-5,
  positions: { kind: "none" },
};

/** One text of `positions` tokens. */
export function prepareEncoder({ positions, threads }: BenchmarkCase & { kind: "encoder" }): Prepared {
  const { width, layers, feedForwardWidth } = config;
  const rows = randomNormals(positions * width, 1);
  const weights = initialWeights(describeEncoderWeights(config), 1);
  const inputs = [{ values: rows, shape: [positions, width] }];
  const forward = (backend: Backend): ((workspace: Workspace, inputs: readonly Tensor[]) => Promise<Tensor>) => {
    const tensors = layoutEncoder(config, uploadWeights(backend, weights).find);
    const offsets = Int32Array.of(0, positions);
    const plan = backend.plan(offsets, offsets, { kind: "full" });
    return async (workspace, [x]) => (await encode(workspace, config, tensors, x!, plan)).rows;
  };
  const perLayer = 2 * positions * (4 * width * width + 2 * width * feedForwardWidth) + 4 * positions ** 2 * width;
  return {
    work: { operations: layers * perLayer, positions },
    tolerance: 2e-5,
    expected: async () => {
      const backend = createReferenceBackend();
      const workspace = backend.workspace();
      const x = workspace.upload(rows, [positions, width]);
      const values = await workspace.read(await forward(backend)(workspace, [x]));
      return { rows: Int32Array.from({ length: positions }, (_, row) => row), width, values };
    },
    ours: async () => {
      const backend = await openBackend(threads);
      return contestant("saccade", backend, inputs, forward(backend));
    },
    peers: [
      {
        name: "onnxruntime-web graph of operators",
        create: async ({ onnxEncoder }) => onnxEncoder(config, weights, rows),
      },
    ],
  };
}
