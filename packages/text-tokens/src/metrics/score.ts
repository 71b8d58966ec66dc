// How much of what should be found was found.

/** Precision, recall and their harmonic mean, with the counts that they come from. */
export interface Score {
  /** correct / system; 0 where the system found nothing. */
  readonly precision: number;
  /** correct / gold; 0 where there is nothing to find. */
  readonly recall: number;
  /** 2 · correct / (gold + system); 0 where both are nothing. */
  readonly f1: number;
  readonly gold: number;
  readonly system: number;
  readonly correct: number;
}

/** The score of these counts. */
export function scoreOf(gold: number, system: number, correct: number): Score {
  return {
    precision: system === 0 ? 0 : correct / system,
    recall: gold === 0 ? 0 : correct / gold,
    f1: gold + system === 0 ? 0 : (2 * correct) / (gold + system),
    gold,
    system,
    correct,
  };
}

/** The score of several texts together: their counts added up. */
export function sumScores(scores: Iterable<Score>): Score {
  let gold = 0;
  let system = 0;
  let correct = 0;
  for (const score of scores) {
    gold += score.gold;
    system += score.system;
    correct += score.correct;
  }
  return scoreOf(gold, system, correct);
}
