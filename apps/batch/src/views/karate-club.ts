// The karate club: who went where his opinion leads, and whom a few members attend to most.

import { instructor, president, withInstructor } from "../examples/karate-club.ts";
import type { SpreadSides } from "../examples/spread-sides.ts";
import type { Look } from "../terminal/look.ts";
import { table } from "../terminal/table.ts";
import { percent } from "./numbers.ts";

/** How many members went where their opinion leads, and those who did not. */
export function foretold({ opinions }: SpreadSides): { readonly right: number; readonly wrong: readonly number[] } {
  const wrong = [...opinions.keys()]
    .map((row) => row + 1)
    .filter((member) => opinions[member - 1]! > 0 !== withInstructor.has(member));
  return { right: opinions.length - wrong.length, wrong };
}

/** Whom `chosen` members attend to most. */
export function friendsView({ topK, received }: SpreadSides, chosen: readonly number[], look: Look): string[] {
  const rows = chosen.map((member) => {
    const best = Array.from({ length: topK.k }, (_, rank) => (member - 1) * topK.k + rank)
      .filter((at) => topK.keys[at]! >= 0)
      .map((at) => `${topK.keys[at]! + 1} (${percent(topK.weights[at]!)})`);
    const role = member === instructor ? ", the instructor" : member === president ? ", the president" : "";
    return [`${member}${role}`, best.join(", "), `${received[member - 1]!.toFixed(1)} members`];
  });
  return table(
    [
      { title: look.faint("member") },
      { title: look.faint("attends most to") },
      { title: look.faint("receives the attention of"), align: "right" },
    ],
    rows,
  );
}
