/** A label, and how probable it is. */
export interface LabelScore {
  readonly label: string;
  /** 0 to 1. */
  readonly score: number;
}
