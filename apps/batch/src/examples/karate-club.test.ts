import { createReferenceBackend } from "@saccade/attention-core/reference";
import { expect, test } from "vitest";
import { acquaintances, instructor, members, president, withInstructor } from "./karate-club.ts";
import { spreadSides } from "./spread-sides.ts";

test("the club has 34 members and 78 friendships, each of them mutual", () => {
  const met = acquaintances();
  expect(met.length).toBe(members);
  expect(met.flat().length).toBe(2 * 78);
  met.forEach((others, row) => {
    expect(new Set(others).size).toBe(others.length);
    for (const other of others) expect(met[other - 1]).toContain(row + 1);
  });
  // The best connected members, as in the paper's matrix.
  expect([1, 34, 33, 3, 2].map((member) => met[member - 1]!.length)).toEqual([16, 17, 12, 10, 9]);
  expect(withInstructor.size).toBe(17);
});

test("opinions that spread from the leaders foretell every side but that of member 9", async () => {
  const { opinions, weights, offsets } = await spreadSides(createReferenceBackend(), new AbortController().signal);
  expect([opinions[instructor - 1], opinions[president - 1]]).toEqual([1, -1]);
  const wrong = [...opinions.keys()]
    .map((row) => row + 1)
    .filter((member) => opinions[member - 1]! > 0 !== withInstructor.has(member));
  expect(wrong).toEqual([9]);
  for (let row = 0; row < members; row += 1) {
    const sum = weights.subarray(offsets[row], offsets[row + 1]).reduce((total, weight) => total + weight, 0);
    expect(sum).toBeCloseTo(1, 6);
  }
});
