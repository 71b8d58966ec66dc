/** A part of a text, UTF-16 units `start .. end)`; or of a sentence, tokens `start .. end)`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A span and what it is. */
export interface LabelledSpan extends Span {
  readonly label: string;
}
