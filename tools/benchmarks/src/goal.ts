/** One claim, and what was measured of it. */
export interface GoalOutcome {
  readonly claim: string;
  readonly measured: string;
  /** `undefined` where a case that it needs was not run. */
  readonly met: boolean | undefined;
}
