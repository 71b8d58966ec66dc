// What a network sees of atoms and bonds: a list of named columns, of which an atom has one of each group. A trained model
// depends on their order: new ones go to the end.

/** What is known of an atom. */
export interface AtomFacts {
  readonly element: string;
  /** Atoms that it is bonded to, but hydrogen. */
  readonly degree: number;
  readonly hydrogens: number;
  readonly charge: number;
  /** In an aromatic ring, as openchemlib sees it: without rings of lactams, such as pyridone's. */
  readonly isAromatic: boolean;
  /** Electrons in π bonds: 0, 1, or 2 of a triple bond and of cumulated ones. */
  readonly piElectrons: number;
  /** Atoms of the smallest ring that it is in, 0 for none. */
  readonly ringSize: number;
  /** Rings of up to 7 atoms that it is in. */
  readonly rings: number;
  /** Whether the string says how its neighbours stand around it. */
  readonly isStereoCenter: boolean;
}

/** What is known of a bond. */
export interface BondFacts {
  /** 1 to 3; aromatic bonds have one too, by one of their Kekulé structures. */
  readonly order: number;
  readonly isAromatic: boolean;
  readonly isInRing: boolean;
  /** Single, between two atoms with π electrons. */
  readonly isConjugated: boolean;
  /** Which side of a double bond its neighbours are on, where the string says. */
  readonly side: "E" | "Z" | null;
}

/** A group of columns, of which a thing of the kind has one or none. */
interface ColumnGroup<Facts> {
  readonly names: readonly string[];
  /** The one that it has, -1 for none. */
  readonly columnOf: (facts: Facts) => number;
}

const elements = ["C", "N", "O", "F", "P", "S", "Cl", "Br", "I", "B", "Si", "Se", "Na", "K", "Li"];

const atomGroups: readonly ColumnGroup<AtomFacts>[] = [
  {
    names: [...elements.map((element) => `element ${element}`), "element, another"],
    columnOf: ({ element }) => (elements.includes(element) ? elements.indexOf(element) : elements.length),
  },
  counted("degree", 5, ({ degree }) => degree),
  counted("hydrogens", 4, ({ hydrogens }) => hydrogens),
  { names: ["charge below 0", "charge 0", "charge above 0"], columnOf: ({ charge }) => Math.sign(charge) + 1 },
  flag("aromatic", ({ isAromatic }) => isAromatic),
  counted("π electrons", 2, ({ piElectrons }) => piElectrons),
  {
    names: ["no ring", ...[3, 4, 5, 6, 7].map((size) => `ring of ${size}`), "ring of 8 or more"],
    columnOf: ({ ringSize }) => (ringSize === 0 ? 0 : Math.min(ringSize, 8) - 2),
  },
  counted("rings", 3, ({ rings }) => rings),
  flag("stereo centre", ({ isStereoCenter }) => isStereoCenter),
  // Who can give a hydrogen bond and who can take one, roughly after Lipinski et al. 1997; a model would need pairs for it.
  flag("donor", ({ element, hydrogens }) => (element === "N" || element === "O") && hydrogens > 0),
  flag(
    "acceptor",
    ({ element, hydrogens, charge, isAromatic }) =>
      charge <= 0 && (element === "O" || (element === "N" && !(isAromatic && hydrogens > 0))),
  ),
];

/** Names of the columns of atoms, in their order. */
export const atomColumns: readonly string[] = atomGroups.flatMap(({ names }) => names);

/** Names of the columns of bonds, in their order. */
export const bondColumns: readonly string[] = [
  "single",
  "double",
  "triple",
  "aromatic",
  "in a ring",
  "conjugated",
  "E",
  "Z",
];

/** The columns that an atom has, ascending. */
export function atomFeatures(facts: AtomFacts): number[] {
  const columns: number[] = [];
  let first = 0;
  for (const { names, columnOf } of atomGroups) {
    const column = columnOf(facts);
    if (column >= 0) columns.push(first + column);
    first += names.length;
  }
  return columns;
}

/** A number for each column of a bond. */
export function bondFeatures({ order, isAromatic, isInRing, isConjugated, side }: BondFacts): number[] {
  return [
    !isAromatic && order <= 1,
    !isAromatic && order === 2,
    !isAromatic && order >= 3,
    isAromatic,
    isInRing,
    isConjugated,
    side === "E",
    side === "Z",
  ].map(Number);
}

/** 0, 1 and so on, the last column standing for all from there. */
function counted(name: string, last: number, count: (facts: AtomFacts) => number): ColumnGroup<AtomFacts> {
  const names = Array.from({ length: last + 1 }, (_, n) => `${name} ${n}${n === last ? " or more" : ""}`);
  return { names, columnOf: (facts) => Math.min(count(facts), last) };
}

function flag(name: string, has: (facts: AtomFacts) => boolean): ColumnGroup<AtomFacts> {
  return { names: [name], columnOf: (facts) => (has(facts) ? 0 : -1) };
}
