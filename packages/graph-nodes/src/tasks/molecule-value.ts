// A number for each molecule: what solubility and lipophilicity have in common.

import type { Modality, ModalityFeatures, Processor } from "@saccade/pipeline";
import { graphFeatures } from "../features/graph-features.ts";
import { attendingNodes } from "../graph/neighbor-rows.ts";
import { type GraphModelFiles, openGraphModel } from "../model/graph-model.ts";
import { atomColumns, bondColumns } from "../molecule/atom-features.ts";
import { type MoleculeAtom, type MoleculeGraph, moleculeGraph } from "../molecule/molecule-graph.ts";

/** What is predicted of a molecule. */
export interface MoleculeValue {
  readonly value: number;
  readonly unit: string;
  /** Its atoms but hydrogen, and where they stand in the string. */
  readonly atoms: readonly MoleculeAtom[];
  /** Atom `to[e]` attends to atom `from[e]`: the edges in the order in which `explain` gives their weights. */
  readonly edges: { readonly from: Int32Array; readonly to: Int32Array };
}

/** A task of this name, whose inputs are SMILES strings: for values other than those that have a constant here. */
export function moleculeTask(name: string): Modality<string, MoleculeValue, "set-label"> {
  return { name, head: "set-label", settings: {}, open: (files) => openMoleculeValue(name, files) };
}

/** Opens a model that gives a number to molecules. Rejects as `openGraphModel` throws. */
export async function openMoleculeValue(
  task: string,
  files: GraphModelFiles,
): Promise<Processor<string, MoleculeValue, "set-label", MoleculeFeatures>> {
  const { network, output } = openGraphModel(files, {
    task,
    head: "set-label",
    output: "value",
    features: { kind: "sparse", nodes: atomColumns.length, edges: bondColumns.length },
  });
  const { unit, mean = 0, scale = 1 } = output;
  return {
    network,
    positionsOf: (smiles) => Math.ceil(smiles.length * atomsPerCharacter),
    featurize(inputs) {
      const molecules = inputs.map(moleculeGraph);
      const graphs = molecules.map(({ graph }) => graph);
      return { ...graphFeatures(network.config, graphs), molecules };
    },
    decode: ({ values }, _, features) =>
      features.molecules.map(({ atoms }, n): MoleculeValue => ({
        value: mean + scale * values[n]!,
        unit,
        atoms,
        edges: edgesOfSet(features, n),
      })),
  };
}

/** Features, and the molecules that they are of. */
export interface MoleculeFeatures extends ModalityFeatures {
  readonly pattern: ReturnType<typeof graphFeatures>["pattern"];
  readonly molecules: readonly MoleculeGraph[];
}

/** Of drug-like molecules. */
const atomsPerCharacter = 0.6;

function edgesOfSet({ offsets, pattern }: MoleculeFeatures, set: number): MoleculeValue["edges"] {
  const rows = pattern.offsets.subarray(offsets[set], offsets[set + 1]! + 1);
  const first = rows[0]!;
  const from = pattern.indices.slice(first, rows.at(-1));
  return { from, to: attendingNodes({ offsets: rows.map((edge) => edge - first), indices: from }) };
}
