import type { Modality } from "@saccade/pipeline";
import { type MoleculeValue, openMoleculeValue } from "./molecule-value.ts";

/**
 * `graph/solubility`: how much of a compound dissolves in water at 25 °C, as the common logarithm of mol per litre. An input
 * is a SMILES string; what is none is refused as `moleculeGraph` says.
 */
export const solubility: Modality<string, MoleculeValue, "set-label"> = {
  name: "graph/solubility",
  head: "set-label",
  settings: {},
  open: (files) => openMoleculeValue("graph/solubility", files),
};
