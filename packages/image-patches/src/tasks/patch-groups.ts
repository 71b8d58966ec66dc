import type { Grid } from "@saccade/attention-core";

/** Patches of one label that touch. */
export interface PatchGroup {
  readonly label: string;
  /** Ascending. */
  readonly patches: readonly number[];
}

/**
 * The patches of a grid [rows · columns] in groups: those of one label that touch by a side, and what touches them. Groups
 * are in the order of their first patches.
 *
 * @example
 * groupPatches(["a", "a", "b", "a"], [2, 2]); // [{ label: "a", patches: [0, 1, 3] }, { label: "b", patches: [2] }]
 */
export function groupPatches(labels: readonly string[], [rows, columns]: Grid): PatchGroup[] {
  const seen = new Uint8Array(labels.length);
  const groups: PatchGroup[] = [];
  labels.forEach((label, first) => {
    if (seen[first]) return;
    seen[first] = 1;
    const group = [first];
    const visit = (p: number): void => {
      if (seen[p] || labels[p] !== label) return;
      seen[p] = 1;
      group.push(p);
    };
    for (let i = 0; i < group.length; i += 1) {
      const p = group[i]!;
      const [row, column] = [Math.floor(p / columns), p % columns];
      if (column > 0) visit(p - 1);
      if (column < columns - 1) visit(p + 1);
      if (row > 0) visit(p - columns);
      if (row < rows - 1) visit(p + columns);
    }
    groups.push({ label, patches: group.sort((a, b) => a - b) });
  });
  return groups;
}
