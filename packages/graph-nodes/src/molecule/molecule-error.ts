/** A SMILES string is none, or of a molecule that cannot be. */
export class MoleculeError extends Error {
  override readonly name = "MoleculeError";
  readonly code = "molecule";
  readonly smiles: string;
  /** Where in the string, in UTF-16 units; null where the fault has no place. */
  readonly position: number | null;
  constructor(message: string, smiles: string, position: number | null, options?: ErrorOptions) {
    super(message, options);
    this.smiles = smiles;
    this.position = position;
  }
}
