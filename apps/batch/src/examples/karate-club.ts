// A karate club of 34 members, of whom 78 pairs met outside of it, and how it split in two: W. W. Zachary, An
// Information Flow Model for Conflict and Fission in Small Groups, Journal of Anthropological Research 33 (1977), pages
// 452 to 473. Members are counted from 1, as there.

/** Number of members. */
export const members = 34;
/** Mr. Hi, the instructor. */
export const instructor = 1;
/** John A., the president. */
export const president = 34;

/** For a member, those with higher numbers whom he met. */
const friends: readonly (readonly [member: number, met: readonly number[]])[] = [
  [1, [2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 18, 20, 22, 32]],
  [2, [3, 4, 8, 14, 18, 20, 22, 31]],
  [3, [4, 8, 9, 10, 14, 28, 29, 33]],
  [4, [8, 13, 14]],
  [5, [7, 11]],
  [6, [7, 11, 17]],
  [7, [17]],
  [9, [31, 33, 34]],
  [10, [34]],
  [14, [34]],
  [15, [33, 34]],
  [16, [33, 34]],
  [19, [33, 34]],
  [20, [34]],
  [21, [33, 34]],
  [23, [33, 34]],
  [24, [26, 28, 30, 33, 34]],
  [25, [26, 28, 32]],
  [26, [32]],
  [27, [30, 34]],
  [28, [34]],
  [29, [32, 34]],
  [30, [33, 34]],
  [31, [33, 34]],
  [32, [33, 34]],
  [33, [34]],
];

/** Those who went with the instructor when the club split; all others stayed with the president. */
export const withInstructor: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 17, 18, 20, 22]);

/** The members whom each member met, ascending: entry 0 is that of member 1. */
export function acquaintances(): number[][] {
  const met = Array.from({ length: members }, (): number[] => []);
  for (const [member, others] of friends) {
    for (const other of others) {
      met[member - 1]!.push(other);
      met[other - 1]!.push(member);
    }
  }
  return met.map((others) => others.sort((a, b) => a - b));
}
