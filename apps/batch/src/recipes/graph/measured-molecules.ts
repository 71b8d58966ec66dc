// Molecules with a measured number each: a line per molecule, columns between tabs, named in the first line.

import { DataFormatError, readLabelledTexts } from "@saccade/text-tokens";

/** A molecule and what was measured of it. */
export interface MeasuredMolecule {
  readonly smiles: string;
  readonly value: number;
  /** From 1. */
  readonly line: number;
}

/**
 * The molecules of a table with the columns "smiles" and `column`. Throws `DataFormatError` with the line where a column is
 * missing, a line has another number of columns than the first one, a SMILES string is empty, or the measured value is no
 * finite number.
 *
 * @example
 * readMeasuredMolecules("smiles\tlogD\nCCO\t-0.1\n", "logD")[0].value; // -0.1
 */
export function readMeasuredMolecules(text: string, column: string): MeasuredMolecule[] {
  return readLabelledTexts(text, { text: "smiles", label: column }).map(({ text: smiles, label, line }) => {
    if (smiles.trim() === "") {
      throw new DataFormatError(`Cannot read molecules: line ${line} must have a SMILES string, it is empty`, line);
    }
    // `Number` takes "0x10" and blanks for numbers; a measurement is decimal.
    const value = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(label) ? Number(label) : Number.NaN;
    if (Number.isFinite(value)) return { smiles, value, line };
    const actual = JSON.stringify(label.slice(0, 40));
    throw new DataFormatError(
      `Cannot read molecules: line ${line} must have a finite number in "${column}", it is ${actual}`,
      line,
    );
  });
}
