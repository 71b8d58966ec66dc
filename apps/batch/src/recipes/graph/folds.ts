// Parts of equal size for cross-validation, drawn by a seed.

import { randomStream } from "@saccade/attention-core";

/**
 * For each of `count` numbers the part that it is in, 0 .. parts - 1: parts differ by one number at most, but for groups,
 * whose members stay together. `groupOf` names the group of a number; default: each is alone. The same for a seed. Throws
 * `RangeError` unless there are from 2 parts to as many as groups.
 */
export function folds(
  count: number,
  parts: number,
  seed: number,
  groupOf: (number: number) => string | number = (number) => number,
): Int32Array {
  const groups = new Map<string | number, number[]>();
  for (let number = 0; number < count; number += 1) {
    const group = groupOf(number);
    const members = groups.get(group);
    if (members) members.push(number);
    else groups.set(group, [number]);
  }
  if (!(Number.isInteger(parts) && parts >= 2 && parts <= groups.size)) {
    throw new RangeError(`Cannot make folds: parts must be an integer from 2 to ${groups.size}, it is ${parts}`);
  }
  const random = randomStream(seed, "folds");
  const drawn = Array.from(groups.values(), (members) => ({ members, place: random.bits() }));
  const sizes = new Int32Array(parts);
  const partOf = new Int32Array(count);
  for (const { members } of drawn.toSorted((a, b) => a.place - b.place)) {
    const part = sizes.indexOf(Math.min(...sizes));
    for (const number of members) partOf[number] = part;
    sizes[part]! += members.length;
  }
  return partOf;
}
