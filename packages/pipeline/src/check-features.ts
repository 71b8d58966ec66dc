// What a plugin gives is held against the contract, once a batch: a mistake there shall not look like one of the core.

import type { ModalityFeatures } from "./modality.ts";

/** Throws `RangeError` unless the sets of `features` belong to `inputs` inputs as `ModalityFeatures` says. */
export function checkSets(task: string, { offsets, inputOfSet }: ModalityFeatures, inputs: number): void {
  const action = `Cannot run ${task}: the features of ${inputs} inputs`;
  const sets = offsets.length - 1;
  if (inputOfSet === undefined) {
    if (sets === inputs) return;
    throw new RangeError(`${action} must have one set each where inputOfSet is left out, they have ${sets} sets`);
  }
  if (inputOfSet.length !== sets) {
    throw new RangeError(`${action} must have an input for each of ${sets} sets, inputOfSet has ${inputOfSet.length}`);
  }
  for (let set = 0; set < sets; set += 1) {
    const [before, input] = [set === 0 ? 0 : inputOfSet[set - 1]!, inputOfSet[set]!];
    if (input < before || input >= inputs) {
      throw new RangeError(
        `${action} must belong to inputs 0 to ${inputs - 1} in ascending order, set ${set} to ${input}`,
      );
    }
  }
}

/** Throws `RangeError` unless there is an output for each input. */
export function checkOutputs(task: string, outputs: readonly unknown[], inputs: number): void {
  if (Array.isArray(outputs) && outputs.length === inputs) return;
  const actual = Array.isArray(outputs) ? `${outputs.length} outputs` : `a value of type ${typeof outputs}`;
  throw new RangeError(
    `Cannot run ${task}: decode must give one output for each of ${inputs} inputs, it gave ${actual}`,
  );
}

/** Throws `RangeError` if a score is not finite: outputs would be made up. */
export function checkScores(values: Float32Array): void {
  for (let i = 0; i < values.length; i += 1) {
    // NaN and infinities are those numbers that differ from themselves after this.
    if (values[i]! - values[i]! !== 0) throw new RangeError(`the scores must be finite, one is ${values[i]}`);
  }
}
