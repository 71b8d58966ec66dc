// Molecules: SMILES strings as graphs, and what is predicted of them. Apart from graphs, so that who has none does not
// download openchemlib.

export { type AtomFacts, atomColumns, type BondFacts, bondColumns } from "./molecule/atom-features.ts";
export { MoleculeError } from "./molecule/molecule-error.ts";
export { type MoleculeAtom, type MoleculeGraph, moleculeGraph } from "./molecule/molecule-graph.ts";
export { longestSmiles } from "./molecule/scan-smiles.ts";
export { lipophilicity } from "./tasks/lipophilicity.ts";
export { moleculeTask, type MoleculeValue } from "./tasks/molecule-value.ts";
export { solubility } from "./tasks/solubility.ts";
