// A recipe run from one seed or several: the models are measured, and the best is kept with the mean of all.

import type { DataFile } from "../records/data-file.ts";
import { figureText } from "./figure-text.ts";
import { type FinishedModel, finishModel } from "./finish-model.ts";
import type { CardFacts } from "./model-card.ts";
import type { CheckpointStore, Figure, Recipe, RecipeRun, TrainedModel } from "./recipe.ts";

/** What the trainings have in common. */
export interface SeedsRun extends Omit<RecipeRun, "seed" | "checkpoints"> {
  /** The first seed; the others follow it. */
  readonly seed: number;
  readonly seeds: number;
  /** Of one seed. */
  readonly checkpointsOf: (seed: number) => CheckpointStore;
  readonly dataOf: (file: string) => DataFile;
  /** For the card, of the model whose weights are given. */
  readonly factsOf: (model: TrainedModel) => CardFacts;
}

interface Candidate {
  readonly seed: number;
  readonly model: TrainedModel;
  readonly finished: FinishedModel;
}

/**
 * Trains from each seed, and chooses by the first figure of the finished models; the figures of the chosen one then have
 * mean and standard deviation too. Rejects as the recipe does.
 */
export async function trainSeeds(recipe: Recipe, run: SeedsRun): Promise<FinishedModel> {
  const candidates: Candidate[] = [];
  for (let seed = run.seed; seed < run.seed + run.seeds; seed += 1) {
    const start = performance.now();
    const trained = await recipe.train({ ...run, seed, checkpoints: run.checkpointsOf(seed) });
    // Of this seed alone; a recipe that goes on from checkpoints knows better.
    const model = { seconds: (performance.now() - start) / 1000, ...trained };
    run.signal.throwIfAborted();
    const finished = await finishModel(recipe, model, run.factsOf(model), run.dataOf, run.signal);
    candidates.push({ seed, model, finished });
    const [first] = finished.figures;
    if (run.seeds > 1 && first) run.note(`seed ${seed}: ${first.metric} ${figureText(first)} on ${first.data}`);
  }
  const best = candidates.reduce((a, b) => (isBetter(b.finished.figures[0], a.finished.figures[0]) ? b : a));
  const [first] = best.finished.figures;
  if (run.seeds === 1 || !first) return best.finished;
  const { mean, deviation } = spreadOf(candidates.map(({ finished }) => finished.figures[0]!.value));
  const { metric: _metric, value: _value, ...same } = first;
  const of = `${first.metric}, ${run.seeds} seeds from ${run.seed}`;
  const figures: Figure[] = [
    ...best.model.figures,
    { ...same, metric: `${of}: mean`, value: mean },
    { ...same, metric: `${of}: standard deviation`, value: deviation },
  ];
  run.note(`seed ${best.seed} is kept, the best on ${first.data}`);
  const model = { ...best.model, figures };
  return finishModel(recipe, model, run.factsOf(model), run.dataOf, run.signal);
}

function isBetter(a: Figure | undefined, b: Figure | undefined): boolean {
  if (!a || !b) return false;
  return a.better === "lower" ? a.value < b.value : a.value > b.value;
}

/** Mean and standard deviation of a sample. */
export function spreadOf(values: readonly number[]): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / Math.max(1, values.length - 1)) };
}
