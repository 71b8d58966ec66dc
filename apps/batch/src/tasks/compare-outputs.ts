// How far the outputs of two backends are from each other, whatever the task: text of the output are its labels, numbers are
// its probabilities, values and places.

/** What was compared so far. */
export interface Comparison {
  inputs: number;
  labels: number;
  /** Labels that are not the same, or that one of the two lacks. */
  differingLabels: number;
  numbers: number;
  /** Between two numbers; Infinity where one is missing or not finite and the other not the same. */
  largestDifference: number;
}

/** Nothing compared yet. */
export function noComparison(): Comparison {
  return { inputs: 0, labels: 0, differingLabels: 0, numbers: 0, largestDifference: 0 };
}

/** Fields that repeat the input. */
const inputFields: readonly string[] = ["text", "unit"];

/** Adds the outputs for one input to `comparison`. */
export function compareOutputs(one: unknown, other: unknown, comparison: Comparison): void {
  comparison.inputs += 1;
  compareValues(one, other, comparison);
}

function compareValues(one: unknown, other: unknown, comparison: Comparison): void {
  if (typeof one === "number" && typeof other === "number") {
    comparison.numbers += 1;
    if (Object.is(one, other)) return;
    const difference = Math.abs(one - other);
    comparison.largestDifference = Math.max(
      comparison.largestDifference,
      Number.isFinite(difference) ? difference : Infinity,
    );
    return;
  }
  if (typeof one === "object" && one !== null && typeof other === "object" && other !== null) {
    const [left, right] = [fieldsOf(one), fieldsOf(other)];
    for (const field of new Set([...left.keys(), ...right.keys()])) {
      if (!inputFields.includes(field)) compareValues(left.get(field), right.get(field), comparison);
    }
    return;
  }
  comparison.labels += 1;
  if (one !== other) comparison.differingLabels += 1;
}

/** Fields or elements by name. */
function fieldsOf(value: object): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(value));
}
