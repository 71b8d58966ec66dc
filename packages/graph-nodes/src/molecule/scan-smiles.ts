// The grammar of SMILES (OpenSMILES 1.0, section 3), as far as it can be told without chemistry: which atoms there are and
// where, and whether bonds, branches and ring closures are whole. The library that reads molecules takes much that is no
// SMILES for one, and does not keep where its atoms stood.

import { MoleculeError } from "./molecule-error.ts";

/** An atom of a SMILES string, at its units `start .. end`. */
export interface SmilesAtom {
  readonly start: number;
  readonly end: number;
  /** As in the periodic table: "C", also for an aromatic "c". */
  readonly element: string;
  /** Whether it stands in brackets. */
  readonly isBracketed: boolean;
  /** A hydrogen atom that says no more than that it is one: "[H]". */
  readonly isPlainHydrogen: boolean;
}

/** The atoms of a SMILES string in its order, and its bonds as pairs of them. */
export interface ScannedSmiles {
  readonly atoms: readonly SmilesAtom[];
  readonly bonds: readonly (readonly [number, number])[];
}

/** Units of the longest string that is read: rings are searched for, which takes longer than the string is long. */
export const longestSmiles = 4000;

const bracket =
  /\[(?<isotope>\d{1,3})?(?<symbol>[A-Z][a-z]?|[bcnops]|se|as|te)(?:@@?|@(?:TH|AL|SP)[12]|@TB\d{1,2}|@OH\d{1,2})?(?:H\d?)?(?:\+{1,4}|-{1,4}|[+-]\d{1,2})?(?::\d{1,4})?\]/y;
const organic = /Cl|Br|[BCNOPSFIbcnops]/y;
const ringClosure = /\d|%\d\d/y;
const bondSymbols = "-=#$:/\\";

/** What stands before a place of the string. */
type Before = "start" | "atom" | "bond" | "branch" | "dot";

/** Throws `MoleculeError` unless `smiles` follows the grammar, with the place where it does not. */
export function scanSmiles(smiles: string): ScannedSmiles {
  const refuse = (rule: string, position: number | null): never => {
    throw new MoleculeError(`${cannotRead(smiles, position)}: ${rule}`, smiles, position);
  };
  if (smiles.length === 0) refuse("there must be at least one atom, it is empty", null);
  if (smiles.length > longestSmiles) {
    refuse(`it must have at most ${longestSmiles} characters, it has ${smiles.length}`, null);
  }
  const atoms: SmilesAtom[] = [];
  const bonds: (readonly [number, number])[] = [];
  const branches: { readonly atom: number; readonly position: number }[] = [];
  const open = new Map<number, { readonly atom: number; readonly position: number }>();
  let before = "start" as Before;
  let current = -1;
  let at = 0;

  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(smiles);
  };
  const addAtom = (found: RegExpExecArray): void => {
    const symbol = found.groups?.["symbol"] ?? found[0];
    atoms.push({
      start: at,
      end: at + found[0].length,
      element: symbol[0]!.toUpperCase() + symbol.slice(1),
      isBracketed: found.groups !== undefined,
      isPlainHydrogen: found[0] === "[H]",
    });
    if (current >= 0) bonds.push([current, atoms.length - 1]);
    current = atoms.length - 1;
    before = "atom";
    at += found[0].length;
  };
  const closeRing = (text: string): void => {
    if (current < 0 || before === "branch") refuse("a ring closure must follow an atom, there is none", at);
    const label = Number(text.replace("%", ""));
    const begun = open.get(label);
    if (begun === undefined) open.set(label, { atom: current, position: at });
    else if (begun.atom === current) refuse("a ring must have more than one atom, it has one", at);
    else {
      bonds.push([begun.atom, current]);
      open.delete(label);
    }
    before = "atom";
    at += text.length;
  };

  while (at < smiles.length) {
    const sign = smiles[at]!;
    const atom = sign === "[" ? match(bracket) : match(organic);
    const ring = atom ? null : match(ringClosure);
    if (atom) addAtom(atom);
    else if (ring) closeRing(ring[0]);
    else if (sign === "[") refuse("what stands in brackets must be an atom, it is none", at);
    else if (bondSymbols.includes(sign)) {
      if (current < 0 || before === "bond") refuse("a bond must stand between two atoms, one is missing", at);
      before = "bond";
      at += 1;
    } else if (sign === "(") {
      if (before !== "atom") refuse("a branch must begin at an atom, there is none", at);
      branches.push({ atom: current, position: at });
      before = "branch";
      at += 1;
    } else if (sign === ")") {
      const branch = branches.pop();
      if (branch === undefined) return refuse("a branch must begin before it ends, it does not", at);
      if (before !== "atom") refuse("a branch must end with an atom, it does not", at);
      current = branch.atom;
      at += 1;
    } else if (sign === ".") {
      if (before !== "atom") refuse("a dot must follow an atom, it does not", at);
      current = -1;
      before = "dot";
      at += 1;
    } else
      refuse(
        `a character must be one of SMILES, ${JSON.stringify(String.fromCodePoint(smiles.codePointAt(at)!))} is not`,
        at,
      );
  }
  const [branch] = branches;
  if (branch) refuse("a branch must end, it does not", branch.position);
  for (const { position } of open.values()) refuse("a ring must be closed, it is not", position);
  if (before !== "atom") refuse("it must end with an atom, it does not", smiles.length);
  return { atoms, bonds };
}

/** How messages begin: the string, cut if it is long, and the place where there is one. */
export function cannotRead(smiles: string, position: number | null): string {
  const text = JSON.stringify(smiles.length <= 60 ? smiles : `${smiles.slice(0, 57)}...`);
  return `Cannot read SMILES ${text}${position === null ? "" : ` at position ${position}`}`;
}
