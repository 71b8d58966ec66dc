// Many short sets in one call, against one dense set of as many pairs, and against the peer's padded batch. The short
// sets have fourteen times the rows of the dense one, so that copies weigh more; hence also both without copies.
import type { AttentionPlan, Backend } from "@saccade/attention-core";
import type { PeerFactory, Prepared } from "../contestant.ts";
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
