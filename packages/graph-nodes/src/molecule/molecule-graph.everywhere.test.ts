import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { atomColumns, bondColumns, MoleculeError, moleculeGraph } from "../molecules.ts";

function namesOf(smiles: string, atom: number): string[] {
  const { nodeFeatures } = moleculeGraph(smiles).graph;
  if (nodeFeatures.kind !== "sparse") throw new TypeError("Cannot test");
  const { offsets, columns } = nodeFeatures;
  return Array.from(columns.subarray(offsets[atom], offsets[atom + 1]), (column) => atomColumns[column]!);
}

/** "0-1 single, aromatic": the bonds of a molecule with their features. */
function bondsOf(smiles: string): string[] {
  const { edges, edgeFeatures } = moleculeGraph(smiles).graph;
  if (edges.kind !== "list") throw new TypeError("Cannot test");
  return Array.from(edges.from, (from, bond) => {
    const names = bondColumns.filter((_, column) => edgeFeatures!.values[bond * bondColumns.length + column] === 1);
    return `${from}-${edges.to[bond]} ${names.join(", ")}`;
  });
}

describe("moleculeGraph()", () => {
  it("has an atom for each that is written, but hydrogen, where it stands in the string", () => {
    const atomsOf = (smiles: string): string[] =>
      moleculeGraph(smiles).atoms.map(({ element, start, end }) => `${element} ${smiles.slice(start, end)}`);
    expect(atomsOf("[Na+].[O-]C(=O)Cl")).toEqual(["Na [Na+]", "O [O-]", "C C", "O O", "Cl Cl"]);
    expect(atomsOf("[H]C([H])([H])O")).toEqual(["C C", "O O"]);
    expect(atomsOf("[H]N([H])c1cc[nH]c1")).toEqual(["N N", "C c", "C c", "C c", "N [nH]", "C c"]);
    expect(atomsOf("[2H]OC")).toEqual(["H [2H]", "O O", "C C"]);
    expect(atomsOf("[H][H].[H]O[H]")).toEqual(["H [H]", "H [H]", "O O"]);
  });

  it("knows what atoms are", () => {
    expect(namesOf("CC(=O)[O-]", 1)).toEqual([
      "element C",
      "degree 3",
      "hydrogens 0",
      "charge 0",
      "π electrons 1",
      "no ring",
      "rings 0",
    ]);
    expect(namesOf("CC(=O)[O-]", 3)).toContain("charge below 0");
    expect(namesOf("c1ccc2[nH]ccc2c1", 4)).toEqual([
      "element N",
      "degree 2",
      "hydrogens 1",
      "charge 0",
      "aromatic",
      "π electrons 0",
      "ring of 5",
      "rings 1",
      "donor",
    ]);
    expect(namesOf("c1ccc2[nH]ccc2c1", 3)).toContain("rings 2");
    expect(namesOf("C#N", 1)).toEqual([
      "element N",
      "degree 1",
      "hydrogens 0",
      "charge 0",
      "π electrons 2 or more",
      "no ring",
      "rings 0",
      "acceptor",
    ]);
    expect(namesOf("C[C@H](O)N", 1)).toContain("stereo centre");
    expect(namesOf("CC(O)N", 1)).not.toContain("stereo centre");
    expect(namesOf("[Zn+2]", 0)).toContain("element, another");
  });

  it("knows what bonds are", () => {
    expect(bondsOf("C=CC=CC#N")).toEqual([
      "0-1 double",
      "1-2 single, conjugated",
      "2-3 double",
      "3-4 single, conjugated",
      "4-5 triple",
    ]);
    expect(bondsOf("c1cc[nH]c1").every((bond) => bond.endsWith("aromatic, in a ring"))).toBe(true);
    expect(bondsOf("F/C=C/F")[1]).toBe("1-2 double, E");
    expect(bondsOf("F/C=C\\F")[1]).toBe("1-2 double, Z");
    expect(bondsOf("C1CC1")).toEqual(["0-1 single, in a ring", "0-2 single, in a ring", "1-2 single, in a ring"]);
  });

  it("sees the same in a molecule that is written another way", () => {
    const columnsOf = (smiles: string): string[] =>
      moleculeGraph(smiles)
        .atoms.map((_, atom) => namesOf(smiles, atom).join())
        .sort();
    for (const [one, other] of [
      ["c1ccccc1C(=O)O", "OC(=O)C1=CC=CC=C1"],
      ["N(=O)(=O)C", "C[N+](=O)[O-]"],
      ["[H]OC", "CO"],
    ] as const) {
      expect(columnsOf(one)).toEqual(columnsOf(other));
    }
  });

  it.each<[string, number | null, string]>([
    ["", null, "there must be at least one atom, it is empty"],
    [" ", 0, 'a character must be one of SMILES, " " is not'],
    ["CCO ethanol", 3, 'a character must be one of SMILES, " " is not'],
    ["💥", 0, 'a character must be one of SMILES, "💥" is not'],
    ["CC>>CC", 2, 'a character must be one of SMILES, ">" is not'],
    ["*C", 0, 'a character must be one of SMILES, "*" is not'],
    ["C[Fe", 1, "what stands in brackets must be an atom, it is none"],
    ["[]", 0, "what stands in brackets must be an atom, it is none"],
    ["[Xx]", 0, "Unknown atom label"],
    ["C(C", 1, "a branch must end, it does not"],
    ["CC)C", 2, "a branch must begin before it ends, it does not"],
    ["(C)C", 0, "a branch must begin at an atom, there is none"],
    ["C()C", 2, "a branch must end with an atom, it does not"],
    ["C1CC", 1, "a ring must be closed, it is not"],
    ["C11", 2, "a ring must have more than one atom, it has one"],
    ["1CC1", 0, "a ring closure must follow an atom, there is none"],
    ["C=", 2, "it must end with an atom, it does not"],
    ["=C", 0, "a bond must stand between two atoms, one is missing"],
    ["C==C", 2, "a bond must stand between two atoms, one is missing"],
    ["C..C", 2, "a dot must follow an atom, it does not"],
    ["CC.", 3, "it must end with an atom, it does not"],
    ["CC(C)(C)(C)C", 1, "C must have at most 4 bonds, it has 5"],
    ["c1cccc1", 5, "the double bonds of an aromatic ring must fit its atoms, they do not"],
    ["C".repeat(4001), null, "it must have at most 4000 characters, it has 4001"],
  ])("refuses %j", (smiles, position, message) => {
    const failure = failureOf(smiles);
    expect(failure).toBeInstanceOf(MoleculeError);
    expect(failure).toMatchObject({ code: "molecule", smiles, position });
    expect((failure as Error).message).toMatch(
      position === null ? /^Cannot read SMILES "[^"]*": / : / at position \d+: /,
    );
    expect((failure as Error).message.slice(-message.length - 2)).toBe(`: ${message}`);
  });

  it("refuses what is no string", () => {
    expect(() => moleculeGraph(5 as unknown as string)).toThrow(TypeError);
  });

  it("reads any string or says why not, with a class that can be caught", () => {
    const piece = fc.constantFrom(
      ...Array.from("CcNnOo()[]=#123%.+-H@/\\"),
      "Cl",
      "[nH]",
      "C1",
      "c1ccccc1",
      "[H]",
      "[O-]",
      " ",
      "é",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const failure = failureOf(pieces.join(""));
        expect(failure === null || failure instanceof MoleculeError, `${pieces.join("")}: ${String(failure)}`).toBe(
          true,
        );
      }),
      { numRuns: 500 },
    );
  });

  it("takes nested branches and many rings", () => {
    expect(moleculeGraph(`${"C(".repeat(900)}C${")".repeat(900)}`).graph.nodes).toBe(901);
    expect(moleculeGraph("C1CC1".repeat(100)).graph.nodes).toBe(300);
  });
});

function failureOf(smiles: string): unknown {
  try {
    moleculeGraph(smiles);
    return null;
  } catch (error) {
    return error;
  }
}
