import type { Modality } from "@saccade/pipeline";
import { type MoleculeValue, openMoleculeValue } from "./molecule-value.ts";

/**
 * `graph/lipophilicity`: how a compound divides between octanol and water at pH 7.4, as the common logarithm of the ratio,
 * log D. An input is a SMILES string; what is none is refused as `moleculeGraph` says.
 */
export const lipophilicity: Modality<string, MoleculeValue, "set-label"> = {
  name: "graph/lipophilicity",
  head: "set-label",
  settings: {},
  open: (files) => openMoleculeValue("graph/lipophilicity", files),
};
