// A page that says how much of a molecule dissolves, and by which atoms.
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { nodeWeights } from "@saccade/graph-nodes";
import { solubilityModel } from "@saccade/graph-nodes/models/solubility";
import { solubility } from "@saccade/graph-nodes/molecules";
import { openModel } from "@saccade/model-files";
import { createPipeline } from "@saccade/pipeline";

const pipeline = await createPipeline(solubility, { model: openModel(solubilityModel), backends: [createWasmBackend] });
const [explained] = await pipeline.explain(["CC(=O)Oc1ccccc1C(=O)O"], { edges: true, columnSums: true });
const { value, unit, atoms, edges } = explained!.output;
console.log(value, unit, nodeWeights(atoms.length, edges, explained!.sets[0]!));
