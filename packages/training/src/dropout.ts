import { type BranchHook, dispose } from "@saccade/attention-core";
import type { Tape } from "./tape/tape.ts";

/**
 * Dropout for the blocks of an encoder or a decoder, before they join the skipping path (Vaswani et al. 2017, section
 * 5.4): `encode(tape, config, weights, rows, plan, { onBranch: dropBranches(tape, 0.1) })`. Does nothing where the tape
 * does not record.
 */
export function dropBranches(tape: Tape, rate: number): BranchHook {
  return (branch) => {
    const dropped = tape.dropout(branch, rate);
    branch[dispose]();
    return dropped;
  };
}
