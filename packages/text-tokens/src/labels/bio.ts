// Spans as labels of tokens: B-X begins a span of kind X, I-X goes on with it, O is outside (Ramshaw and Marcus 1995, in
// the form that CoNLL-2003 made common).

import type { LabelledSpan } from "../span.ts";

/** A label in its parts: `B-person` begins a person; O, and any label without a dash, is outside. */
export interface BioLabel {
  readonly place: "begin" | "inside" | "outside";
  readonly kind: string;
}

/** The parts of a label. `E-` and `S-`, `L-` and `U-` of other schemes are read as inside and begin. */
export function parseBioLabel(label: string): BioLabel {
  if (label.charAt(1) !== "-" || label.length === 2) return { place: "outside", kind: "" };
  const kind = label.slice(2);
  switch (label.charAt(0)) {
    case "B":
    case "S":
    case "U":
      return { place: "begin", kind };
    case "I":
    case "E":
    case "L":
      return { place: "inside", kind };
    default:
      return { place: "outside", kind: "" };
  }
}

/**
 * The spans that labels stand for, in order. Labels that no span gives are repaired as the CoNLL evaluation does: I-X that
 * does not go on with a span of kind X begins one.
 *
 * @example
 * spansOfBio(["B-person", "I-person", "O", "I-group"]);
 * // [{ start: 0, end: 2, label: "person" }, { start: 3, end: 4, label: "group" }]
 */
export function spansOfBio(labels: readonly string[]): LabelledSpan[] {
  const spans: LabelledSpan[] = [];
  let open: { start: number; kind: string } | undefined;
  const close = (end: number): void => {
    if (open) spans.push({ start: open.start, end, label: open.kind });
    open = undefined;
  };
  labels.forEach((label, i) => {
    const { place, kind } = parseBioLabel(label);
    if (place === "inside" && open?.kind === kind) return;
    close(i);
    if (place !== "outside") open = { start: i, kind };
  });
  close(labels.length);
  return spans;
}

/** The labels of spans over `length` tokens: the inverse of `spansOfBio`. Throws `RangeError` for spans that overlap or leave the tokens. */
export function bioOfSpans(spans: readonly LabelledSpan[], length: number): string[] {
  const labels = Array.from({ length }, () => "O");
  for (const { start, end, label } of spans) {
    for (let i = start; i < end; i += 1) {
      if (labels[i] !== "O") {
        throw new RangeError(
          `Cannot label spans: they must not overlap and lie in 0 .. ${length}, ${start} .. ${end} does not`,
        );
      }
      labels[i] = `${i === start ? "B" : "I"}-${label}`;
    }
  }
  return labels;
}
