// A molecule as a graph: atoms but hydrogen are nodes, bonds are edges both ways. What the string means is openchemlib's
// business: valences, implicit hydrogen, rings, aromaticity.

import { Molecule, SmilesParser } from "openchemlib";
import type { Graph } from "../graph/graph.ts";
import { atomColumns, atomFeatures, bondColumns, bondFeatures } from "./atom-features.ts";
import { MoleculeError } from "./molecule-error.ts";
import { cannotRead, scanSmiles, type ScannedSmiles, type SmilesAtom } from "./scan-smiles.ts";

/** An atom of a molecule, a node of its graph. */
export interface MoleculeAtom {
  readonly element: string;
  /** It is units `start .. end` of the string. */
  readonly start: number;
  readonly end: number;
}

/** A molecule. */
export interface MoleculeGraph {
  readonly smiles: string;
  /** In the order of the string; hydrogen is counted with the atom that it is bonded to, but where it is an ion, an isotope or alone. */
  readonly atoms: readonly MoleculeAtom[];
  /** Sparse features of the columns `atomColumns`; an undirected edge for each bond, with the columns `bondColumns`. */
  readonly graph: Graph;
}

/**
 * The molecule of a SMILES string; it may have several parts, as salts have. Throws `MoleculeError`, with the position where
 * there is one, for a string that is empty, longer than 4,000 characters, no SMILES, or of a molecule that cannot be: an
 * atom with more bonds than it has, an aromatic ring without double bonds that fit.
 *
 * @example
 * const { atoms, graph } = moleculeGraph("CCO");
 * graph.nodes; // 3
 */
export function moleculeGraph(smiles: string): MoleculeGraph {
  if (typeof smiles !== "string") {
    throw new TypeError(`Cannot read SMILES: it must be a string, it is of type ${typeof smiles}`);
  }
  const scanned = scanSmiles(smiles);
  const molecule = parse(smiles);
  molecule.ensureHelperArrays(Molecule.cHelperParities);
  const places = placesOfAtoms(smiles, scanned, molecule);
  for (const { atom, token } of places) checkAtom(smiles, molecule, atom, token);
  const nodeOfAtom = new Int32Array(molecule.getAllAtoms()).fill(-1);
  places.forEach(({ atom }, node) => (nodeOfAtom[atom] = node));
  return {
    smiles,
    atoms: places.map(({ token: { element, start, end } }) => ({ element, start, end })),
    graph: {
      nodes: places.length,
      direction: "undirected",
      nodeFeatures: nodeFeatures(molecule, places),
      ...bonds(molecule, nodeOfAtom),
    },
  };
}

/** An atom of the library, and where it stands in the string. */
interface AtomPlace {
  readonly atom: number;
  readonly token: SmilesAtom;
}

function parse(smiles: string): Molecule {
  try {
    return new SmilesParser().parseMolecule(smiles, { noCoordinates: true });
  } catch (cause) {
    const message = (cause as Error).message.replace(/^.*?SmilesParser: /, "");
    const found = /;? ?position:(\d+)/i.exec(message);
    const position = found ? Number(found[1]) : null;
    const rule = message.replace(/[;,.]? ?position:\d+/i, "");
    throw new MoleculeError(`${cannotRead(smiles, position)}: ${rule}`, smiles, position, { cause });
  }
}

/**
 * The library moves simple hydrogen to the end, each trading places with the last other atom before it. Its order is made
 * here again from the string, so that atoms are known by where they stand there.
 */
function placesOfAtoms(smiles: string, { atoms, bonds }: ScannedSmiles, molecule: Molecule): AtomPlace[] {
  const isSimple = atoms.map((atom, n) => atom.isPlainHydrogen && isBondedToOneOther(n, atoms, bonds));
  const order = atoms.map((_, n) => n);
  let last = atoms.length - 1;
  const skip = (): void => {
    while (last >= 0 && isSimple[order[last]!]) last -= 1;
  };
  skip();
  for (let at = 0; at < last; at += 1) {
    if (!isSimple[order[at]!]) continue;
    [order[at], order[last]] = [order[last]!, order[at]!];
    skip();
  }
  const count = molecule.getAtoms();
  const places = order.slice(0, count).map((token, atom): AtomPlace => ({ atom, token: atoms[token]! }));
  const isWhole = molecule.getAllAtoms() === atoms.length && last === count - 1;
  if (!isWhole || places.some(({ atom, token }) => molecule.getAtomLabel(atom) !== token.element)) {
    throw new MoleculeError(
      `${cannotRead(smiles, null)}: its atoms must be those that are written, they are not`,
      smiles,
      null,
    );
  }
  return places.sort((a, b) => a.token.start - b.token.start);
}

function isBondedToOneOther(atom: number, atoms: readonly SmilesAtom[], bonds: ScannedSmiles["bonds"]): boolean {
  const others = bonds.filter((bond) => bond.includes(atom)).map(([a, b]) => atoms[a === atom ? b : a]!);
  return others.length === 1 && others[0]!.element !== "H";
}

function checkAtom(smiles: string, molecule: Molecule, atom: number, { start, isBracketed }: SmilesAtom): void {
  const refuse = (rule: string): never => {
    throw new MoleculeError(`${cannotRead(smiles, start)}: ${rule}`, smiles, start);
  };
  if (molecule.getFreeValence(atom) < 0) {
    refuse(
      `${molecule.getAtomLabel(atom)} must have at most ${molecule.getMaxValence(atom)} bonds, it has ${molecule.getOccupiedValence(atom)}`,
    );
  }
  if (!isBracketed && molecule.getAtomRadical(atom) !== 0)
    refuse("the double bonds of an aromatic ring must fit its atoms, they do not");
}

function nodeFeatures(molecule: Molecule, places: readonly AtomPlace[]): Graph["nodeFeatures"] {
  const offsets = [0];
  const columns: number[] = [];
  for (const { atom, token } of places) {
    const own = atomFeatures({
      element: token.element,
      degree: molecule.getConnAtoms(atom),
      hydrogens: molecule.getAllHydrogens(atom),
      charge: molecule.getAtomCharge(atom),
      isAromatic: molecule.isAromaticAtom(atom),
      piElectrons: molecule.getAtomPi(atom),
      ringSize: molecule.getAtomRingSize(atom),
      rings: molecule.getAtomRingCount(atom, 7),
      isStereoCenter: molecule.getAtomParity(atom) !== Molecule.cAtomParityNone,
    });
    columns.push(...own);
    offsets.push(columns.length);
  }
  return {
    kind: "sparse",
    width: atomColumns.length,
    offsets: Int32Array.from(offsets),
    columns: Int32Array.from(columns),
  };
}

function bonds(molecule: Molecule, nodeOfAtom: Int32Array): Required<Pick<Graph, "edges" | "edgeFeatures">> {
  const list = Array.from({ length: molecule.getBonds() }, (_, bond) => {
    const [a, b] = [molecule.getBondAtom(0, bond), molecule.getBondAtom(1, bond)];
    const ends = [nodeOfAtom[a]!, nodeOfAtom[b]!].sort((x, y) => x - y);
    const order = molecule.getBondOrder(bond);
    const isAromatic = molecule.isAromaticBond(bond);
    const parity = molecule.getBondParity(bond);
    return {
      from: ends[0]!,
      to: ends[1]!,
      features: bondFeatures({
        order,
        isAromatic,
        isInRing: molecule.isRingBond(bond),
        isConjugated: !isAromatic && order === 1 && molecule.getAtomPi(a) > 0 && molecule.getAtomPi(b) > 0,
        side: parity === Molecule.cBondParityEor1 ? "E" : parity === Molecule.cBondParityZor2 ? "Z" : null,
      }),
    };
  }).sort((x, y) => x.from - y.from || x.to - y.to);
  return {
    edges: {
      kind: "list",
      from: Int32Array.from(list, ({ from }) => from),
      to: Int32Array.from(list, ({ to }) => to),
    },
    edgeFeatures: { width: bondColumns.length, values: Float32Array.from(list.flatMap(({ features }) => features)) },
  };
}
