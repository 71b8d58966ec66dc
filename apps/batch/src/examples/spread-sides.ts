// Which side will each member of the karate club take, if only the instructor's and the president's are known? Each
// member attends to those he met, the more to one the more acquaintances they share, and takes over their opinions,
// round after round.

import { type AttentionPlan, type Backend, dispose, offsetsOf, type Tensor } from "@saccade/attention-core";
import { acquaintances, instructor, members, president } from "./karate-club.ts";

/** What came of it. */
export interface SpreadSides {
  readonly plan: AttentionPlan;
  /** The key of each edge, counted from 0, row by row: the plan's `indices`. */
  readonly indices: Int32Array;
  /** First edge of each member, [35]. */
  readonly offsets: Int32Array;
  /** The weight of each edge. */
  readonly weights: Float32Array;
  /** The members that each attends to most, [34, k], and their weights. */
  readonly topK: { readonly k: number; readonly keys: Int32Array; readonly weights: Float32Array };
  /** How much attention each member receives. */
  readonly received: Float32Array;
  /** From 1, the instructor's, to -1, the president's. */
  readonly opinions: Float32Array;
}

const rounds = 50;
const k = 3;
/** Factor of the likeness of two circles of acquaintances, 0 .. 1. */
const sharpness = 4;

/** Runs the rounds on `backend`. Rejects with the reason of `signal` when it aborts. */
export async function spreadSides(backend: Backend, signal: AbortSignal): Promise<SpreadSides> {
  const met = acquaintances();
  const offsets = offsetsOf(met.map((others) => others.length));
  const indices = Int32Array.from(met.flat(), (member) => member - 1);
  const set = offsetsOf([members]);
  const plan = backend.plan(set, set, { kind: "neighbors", offsets, indices });
  const workspace = backend.workspace(signal);
  try {
    const circles = workspace.upload(circlesOf(met), [members, members]);
    const undecided = workspace.upload(
      perMember((member) => (isLeader(member) ? 0 : 1)),
      [members, 1],
    );
    const decided = perMember((member) => (member === instructor ? 1 : member === president ? -1 : 0));
    const leaders = workspace.upload(decided, [members, 1]);
    const attend = (opinions: Tensor, last: boolean): ReturnType<typeof workspace.attention> =>
      workspace.attention(circles, circles, opinions, plan, {
        heads: 1,
        scale: sharpness,
        ...(last && { maps: { edges: true, topK: k, columnSums: true } }),
      });
    let opinions: Tensor = leaders;
    for (let round = 1; round < rounds; round += 1) {
      opinions = workspace.add(workspace.multiply(attend(opinions, false).output, undecided), leaders);
      await workspace.checkpoint();
    }
    const { output, maps } = attend(opinions, true);
    return {
      plan,
      indices,
      offsets,
      weights: await workspace.read(maps.edges!),
      topK: { k, keys: await workspace.read(maps.topK!.keys), weights: await workspace.read(maps.topK!.weights) },
      received: await workspace.read(maps.columnSums!),
      opinions: await workspace.read(workspace.add(workspace.multiply(output, undecided), leaders)),
    };
  } finally {
    workspace[dispose]();
  }
}

/** Who belongs to each member's circle, himself included, as a row of length 1: [34, 34]. */
function circlesOf(met: readonly (readonly number[])[]): Float32Array {
  const rows = new Float32Array(members * members);
  met.forEach((others, row) => {
    for (const member of [...others, row + 1]) rows[row * members + member - 1] = 1 / Math.sqrt(others.length + 1);
  });
  return rows;
}

function isLeader(member: number): boolean {
  return member === instructor || member === president;
}

function perMember(value: (member: number) => number): Float32Array {
  return Float32Array.from({ length: members }, (_, row) => value(row + 1));
}
