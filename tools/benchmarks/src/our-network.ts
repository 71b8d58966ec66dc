// Ours over the features of a batch: what a pipeline does between making features and reading scores, plan included.
import { type Backend, type Features, type Network, uploadWeights, type Weights } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import type { Contestant, Expected } from "./contestant.ts";
import { contestant } from "./ours.ts";

/** A network that takes features of one kind. */
type RunnableNetwork = Pick<Network, "bind" | "head">;

/** The scores of `features` [rows, L]. */
export async function ourNetwork(
  threads: number,
  network: RunnableNetwork,
  weights: Weights,
  features: Features,
): Promise<Contestant> {
  const backend = await createWasmBackend({ threads });
  const run = bind(network, backend, weights);
  return contestant("saccade", backend, [], async (workspace) => (await run(backend, workspace, features)).scores);
}

/** The right scores, all of them. */
export async function expectedScores(
  network: RunnableNetwork,
  weights: Weights,
  features: Features,
): Promise<Expected> {
  const backend = createReferenceBackend();
  const workspace = backend.workspace();
  const { scores } = await bind(network, backend, weights)(backend, workspace, features);
  const values = await workspace.read(scores);
  const width = network.head.labels;
  return { rows: Int32Array.from({ length: values.length / width }, (_, row) => row), width, values };
}

function bind(network: RunnableNetwork, backend: Backend, weights: Weights): ReturnType<Network["bind"]> {
  return network.bind(uploadWeights(backend, weights).find);
}
