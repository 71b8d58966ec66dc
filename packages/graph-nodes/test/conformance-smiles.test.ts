// Counts of atoms, bonds, hydrogens and charges of molecules against RDKit's, where the shared cases are: they lie in
// `shared/conformance` beside this repository, or where the environment variable SACCADE_SHARED says.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { atomColumns, moleculeGraph } from "../src/molecules.ts";

interface Counts {
  readonly smiles: string;
  readonly atoms: number;
  readonly bonds: number;
  readonly hydrogens: number;
  readonly elements: Readonly<Record<string, number>>;
}

const shared = process.env["SACCADE_SHARED"] ?? fileURLToPath(new URL("../../../../shared", import.meta.url));
const file = join(shared, "conformance", "smiles", "smiles-counts.jsonl");

test("molecules have the atoms, bonds and hydrogens that RDKit counts", (context) => {
  if (!existsSync(file)) context.skip(`the shared cases are not here: ${file} must exist`);
  const molecules = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Counts);
  expect(molecules).toHaveLength(595);
  for (const { smiles, atoms, bonds, hydrogens, elements } of molecules) {
    const molecule = moleculeGraph(smiles);
    const counted: Record<string, number> = {};
    for (const { element } of molecule.atoms) counted[element] = (counted[element] ?? 0) + 1;
    expect({ smiles, atoms: molecule.graph.nodes, bonds: bondsOf(molecule), elements: counted }).toEqual({
      smiles,
      atoms,
      bonds,
      elements,
    });
    expect([smiles, hydrogensOf(molecule)]).toEqual([smiles, hydrogens]);
  }
});

function bondsOf({ graph: { edges } }: ReturnType<typeof moleculeGraph>): number {
  return edges.kind === "list" ? edges.from.length : -1;
}

/** By their columns, of which the last stands for four and more: no atom here has more. */
function hydrogensOf({ graph: { nodeFeatures } }: ReturnType<typeof moleculeGraph>): number {
  if (nodeFeatures.kind !== "sparse") return -1;
  const first = atomColumns.indexOf("hydrogens 0");
  return nodeFeatures.columns.reduce((sum, column) => {
    const count = column - first;
    return sum + (count > 0 && count <= 4 ? count : 0);
  }, 0);
}
