// Many short sets in one call, against dense sets of the same work, and against the peer's padded batch. Dense stands
// for two things: one set whose rows have as many keys as the rows here have on average, called as often as makes as many
// pairs; and one set of as many pairs in all. The short sets have fourteen times the rows of the latter, so that copies
// weigh more; hence also both without copies.
import type { AttentionPlan, Backend } from "@saccade/attention-core";
import type { Contestant, PeerFactory, Prepared } from "../contestant.ts";
import { sampleRows } from "../error.ts";
import { expectedAttention, range } from "../oracle.ts";
import { type AttentionInputs, ourAttention, ourResidentAttention } from "../ours.ts";
import { createRandom } from "../random.ts";
import { attentionHeads, attentionHeadWidth, type BenchmarkCase } from "../shapes.ts";
import { attentionInputs } from "./attention.ts";

/** `sets` sets of random lengths, full attention in each. */
export function prepareRagged({ sets, shortest, longest, threads }: BenchmarkCase & { kind: "ragged" }): Prepared {
  const random = createRandom(7);
  const lengths = Int32Array.from({ length: sets }, () => shortest + Math.floor(random() * (longest - shortest + 1)));
  const offsets = new Int32Array(sets + 1);
  for (const [set, length] of lengths.entries()) offsets[set + 1] = offsets[set]! + length;
  const rows = offsets[sets]!;
  const pairs = lengths.reduce((total, length) => total + length * length, 0);
  const setOfRow = new Int32Array(rows);
  for (let set = 0; set < sets; set++) setOfRow.fill(set, offsets[set], offsets[set + 1]);

  const width = attentionHeads * attentionHeadWidth;
  const inputs = attentionInputs(rows, width);
  const options = (): { heads: number } => ({ heads: attentionHeads });
  const plan = (backend: Backend): AttentionPlan => backend.plan(offsets, offsets, { kind: "full" });
  const denseOffsets = Int32Array.of(0, Math.round(Math.sqrt(pairs)));
  const denseInputs = attentionInputs(denseOffsets[1]!, width);
  const densePlan = (backend: Backend): AttentionPlan => backend.plan(denseOffsets, denseOffsets, { kind: "full" });
  const rowOffsets = Int32Array.of(0, Math.round(pairs / rows));
  const rowPlan = (backend: Backend): AttentionPlan => backend.plan(rowOffsets, rowOffsets, { kind: "full" });
  const calls = Math.round(pairs / rowOffsets[1]! ** 2);
  return {
    work: { operations: 4 * pairs * width, positions: rows },
    tolerance: 2e-5,
    expected: async () =>
      expectedAttention(
        sampleRows(rows, 256),
        width,
        inputs,
        (row) => range(offsets[setOfRow[row]!]!, offsets[setOfRow[row]! + 1]!),
        options,
      ),
    ours: async () => ourAttention("saccade", threads, width, inputs, plan, options),
    alternatives: [
      async () => {
        const dense = attentionInputs(rowOffsets[1]!, width);
        return repeated(await ourAttention(asManyKeys, threads, width, dense, rowPlan, options), calls);
      },
      async () => ({
        ...(await ourAttention("saccade, one dense set", threads, width, denseInputs, densePlan, options)),
        rowAt: null,
      }),
      async () => ourResidentAttention("saccade within a model, many sets", threads, width, inputs, plan, options),
      async () =>
        ourResidentAttention("saccade within a model, one dense set", threads, width, denseInputs, densePlan, options),
    ],
    peers: [paddedPeer(lengths, offsets, setOfRow, inputs)],
  };
}

/** The contestant with one dense set whose rows have as many keys as those of the ragged batch on average. */
export const asManyKeys = "saccade, a dense set of as many keys a row";

/** `calls` calls of `one`, as one. */
function repeated(one: Contestant, calls: number): Contestant {
  return {
    ...one,
    rowAt: null,
    async run() {
      for (let call = 1; call < calls; call++) await one.run();
      return one.run();
    },
  };
}

function paddedPeer(
  lengths: Int32Array,
  offsets: Int32Array,
  setOfRow: Int32Array,
  inputs: AttentionInputs,
): PeerFactory {
  const positions = Math.max(...lengths);
  const width = attentionHeads * attentionHeadWidth;
  const sizes = { sets: lengths.length, positions, heads: attentionHeads, headWidth: attentionHeadWidth };
  const pad = (values: Float32Array): Float32Array<ArrayBuffer> => {
    const padded = new Float32Array(lengths.length * positions * width);
    for (let set = 0; set < lengths.length; set++) {
      padded.set(values.subarray(offsets[set]! * width, offsets[set + 1]! * width), set * positions * width);
    }
    return padded;
  };
  return {
    name: "onnxruntime-web MultiHeadAttention, padded",
    create: async ({ onnxAttention }) => {
      const padded = { query: pad(inputs.query), key: pad(inputs.key), value: pad(inputs.value) };
      const peer = await onnxAttention("MultiHeadAttention", sizes, padded, { lengths });
      const rowAt = (row: number): number => setOfRow[row]! * positions + row - offsets[setOfRow[row]!]!;
      return { ...peer, name: `${peer.name}, padded`, rowAt };
    },
  };
}
