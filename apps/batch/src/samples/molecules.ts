// Molecules whose names everybody knows, as SMILES strings.

/** A molecule. */
export interface SampleMolecule {
  readonly name: string;
  readonly smiles: string;
}

/** In the order of what dissolves best. */
export const molecules: readonly SampleMolecule[] = [
  { name: "glucose", smiles: "OCC1OC(O)C(O)C(O)C1O" },
  { name: "caffeine", smiles: "CN1C=NC2=C1C(=O)N(C)C(=O)N2C" },
  { name: "aspirin", smiles: "CC(=O)OC1=CC=CC=C1C(=O)O" },
  { name: "naphthalene", smiles: "c1ccc2ccccc2c1" },
];
