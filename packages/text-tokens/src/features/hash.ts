// The hash by which features find their row. A trained table is bound to it, so it must never change: the values that
// the tests hold are part of the format of a model.

/** What `extendHash` starts from. */
export const emptyHash = 0x811c9dc5;

/** FNV-1a (Fowler, Noll, Vo), one step: a UTF-16 unit, or another number of 32 bits, joins the hash. */
export function extendHash(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}

/** The hash of units `from .. end)` of a text, in order, continued from `hash`. */
export function hashUnits(text: string, from = 0, end: number = text.length, hash: number = emptyHash): number {
  let result = hash;
  for (let i = from; i < end; i += 1) result = Math.imul(result ^ text.charCodeAt(i), 0x01000193);
  return result;
}

/**
 * A row from 0 to `rows` - 1 for a hash: mixed by the last steps of MurmurHash3 (Appleby), so that all bits count, and
 * scaled: floor(mixed · rows / 2³²).
 */
export function rowOfHash(hash: number, rows: number): number {
  let mixed = hash ^ (hash >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  mixed ^= mixed >>> 16;
  return Math.floor(((mixed >>> 0) * rows) / 4294967296);
}
