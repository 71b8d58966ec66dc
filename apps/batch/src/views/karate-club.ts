// The karate club: a map of who attends to whom, and whom a few members attend to most.

import { instructor, president, withInstructor } from "../examples/karate-club.ts";
import type { SpreadSides } from "../examples/spread-sides.ts";
import { legend, shadedMap } from "../terminal/heat-map.ts";
import type { Look } from "../terminal/look.ts";
import { table } from "../terminal/table.ts";
import { percent } from "./numbers.ts";

/** Members from 1, in the order of their opinions to four places, the instructor's first; equals by number. */
export function byOpinion({ opinions }: SpreadSides): number[] {
  const rounded = Array.from(opinions, (opinion) => Math.round(10_000 * opinion));
  const members = rounded.map((_, row) => row + 1);
  return members.sort((a, b) => rounded[b - 1]! - rounded[a - 1]! || a - b);
}

/** How many members went where their opinion leads, and those who did not. */
export function foretold({ opinions }: SpreadSides): { readonly right: number; readonly wrong: readonly number[] } {
  const wrong = [...opinions.keys()]
    .map((row) => row + 1)
    .filter((member) => opinions[member - 1]! > 0 !== withInstructor.has(member));
  return { right: opinions.length - wrong.length, wrong };
}

/** The whole map, rows and columns in the order of opinions; behind each row the opinion and the side that was taken. */
export function clubView(spread: SpreadSides, look: Look): string[] {
  const order = byOpinion(spread);
  const weights = new Map<string, number>();
  for (const member of order) {
    for (let edge = spread.offsets[member - 1]!; edge < spread.offsets[member]!; edge += 1) {
      weights.set(`${member} ${spread.indices[edge]! + 1}`, spread.weights[edge]!);
    }
  }
  const names = order.map(String);
  const map = {
    queries: names,
    keys: names,
    weight: (query: number, key: number) => weights.get(`${names[query]} ${names[key]}`) ?? null,
  };
  const notes = order.map((member) => {
    const opinion = spread.opinions[member - 1]!;
    const side = withInstructor.has(member) ? "instructor" : "president";
    const shown = `${opinion >= 0 ? "+" : "-"}${Math.abs(opinion).toFixed(2)} ${side}`;
    return opinion > 0 === withInstructor.has(member) ? shown : look.bad(`${shown} (!)`);
  });
  return [...shadedMap(map, look, notes), "", legend(look, "a row's largest")];
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
