// A page that labels words: an embedding table, an encoder with attention maps, a label per position, and abort.
import {
  describeEncoderWeights,
  describePositionLabelsWeights,
  dispose,
  encode,
  type EncoderConfig,
  initialWeights,
  layoutEncoder,
  layoutPositionLabels,
  offsetsOf,
  scorePositions,
  uploadWeights,
} from "@saccade/attention-core";
import { createWasmBackend } from "@saccade/attention-core/wasm";

const config: EncoderConfig = {
  layers: 2,
  width: 64,
  heads: 4,
  feedForwardWidth: 256,
  activation: "gelu",
  norm: "layer",
  placement: "pre",
  epsilon: 1e-5,
  positions: { kind: "sinusoidal" },
};
const head = { width: 64, labels: 17 };

const backend = await createWasmBackend();
const specs = [...describeEncoderWeights(config), ...describePositionLabelsWeights(head)];
const { find } = uploadWeights(backend, initialWeights(specs, 1));
const encoder = layoutEncoder(config, find);
const labels = layoutPositionLabels(head, find);
const table = backend.upload(new Float32Array(1000 * 64), [1000, 64]);

const abort = new AbortController();
const offsets = offsetsOf([5, 3]);
const plan = backend.plan(offsets, offsets, { kind: "window", left: 2, right: 2 });
const workspace = backend.workspace(abort.signal);
const rows = workspace.embed(table, workspace.upload(new Int32Array(8), [8]));
const encoded = await encode(workspace, config, encoder, rows, plan, { maps: { topK: 3 } });
console.log(await workspace.read(scorePositions(workspace, labels, encoded.rows)), encoded.maps);
workspace[dispose]();
