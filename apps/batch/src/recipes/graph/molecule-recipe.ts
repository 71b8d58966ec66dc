// What the recipes of molecules have in common: from tables of molecules to the files of a model.

import type { GraphModelConfig, GraphNetworkConfig } from "@saccade/graph-nodes";
import { atomColumns, bondColumns, moleculeGraph } from "@saccade/graph-nodes/molecules";
import type { Figure, RecipeRun, TrainedModel } from "../recipe.ts";
import { readMeasuredMolecules } from "./measured-molecules.ts";
import {
  type MeasuredGraph,
  type MoleculeSettings,
  predictMolecules,
  type TrainedMolecules,
  trainMolecules,
} from "./train-molecules.ts";

/** A number of molecules to be learned. */
export interface MoleculePlan {
  readonly name: string;
  readonly trainFile: string;
  readonly devFile: string;
  /** The column of measured numbers. */
  readonly column: string;
  readonly unit: string;
  readonly network: GraphNetworkConfig;
  readonly settings: MoleculeSettings;
}

/** Sizes of a network over atoms and bonds. */
export interface MoleculeSizes {
  readonly layers: number;
  readonly width: number;
  /**
   * Columns that the readouts are mapped to before a tanh, so that what is said of a molecule levels off with its size: as a
   * plain sum over atoms, solubility was off by 4.6 for hexacosane. Default: the sum.
   */
  readonly hidden?: number;
}

/** A network over the atoms and bonds of a molecule. */
export function moleculeNetwork({ layers, width, hidden }: MoleculeSizes): GraphNetworkConfig {
  const heads = 4;
  return {
    input: { kind: "sparse", columns: atomColumns.length, width, bias: true },
    edges: { width: bondColumns.length, use: "keys-values" },
    selfLoops: false,
    layers: Array.from({ length: layers }, () => ({
      kind: "transformer" as const,
      heads,
      headWidth: width / heads,
      residual: true,
      norm: "layer" as const,
      feedForward: { width: 2 * width, activation: "gelu" as const },
    })),
    head: {
      kind: "set-label",
      labels: 1,
      readout: [{ kind: "sum" }, { kind: "attention", heads }],
      ...(hidden !== undefined && { hidden: { width: hidden, activation: "tanh" } }),
    },
  };
}

/** Reads a table of molecules. Throws as `readMeasuredMolecules` and `moleculeGraph` do. */
export function readMolecules(text: string, column: string): MeasuredGraph[] {
  return readMeasuredMolecules(text, column).map(({ smiles, value }) => ({
    graph: moleculeGraph(smiles).graph,
    value,
  }));
}

/** Trains on one table, and measures on the other. */
export async function trainMoleculeModel(run: RecipeRun, plan: MoleculePlan): Promise<TrainedModel> {
  const [train, dev] = [plan.trainFile, plan.devFile].map((file) => readMolecules(run.read(file), plan.column));
  const trained = await trainOn(run, plan, plan.name.replace("/", "-"), train!);
  const value = await errorOn(run, plan, trained, dev!);
  return moleculeModel(plan, trained, [
    { metric: "RMSE, before rounding to eight bits", value, count: dev!.length, data: plan.devFile, ...inUnit(plan) },
  ]);
}

/** Trains the network of a plan on `train`. */
export async function trainOn(
  run: RecipeRun,
  plan: MoleculePlan,
  name: string,
  train: readonly MeasuredGraph[],
): Promise<TrainedMolecules> {
  const { backend, seed, checkpoints, onProgress, signal } = run;
  const settings = { ...plan.settings, epochs: run.epochs ?? plan.settings.epochs };
  return trainMolecules({
    name,
    network: plan.network,
    train,
    settings,
    seed,
    backend,
    checkpoints,
    onProgress,
    signal,
  });
}

/** √ of the mean squared difference between what is predicted of `molecules` and what was measured. */
export async function errorOn(
  { backend, signal }: RecipeRun,
  { network }: MoleculePlan,
  trained: TrainedMolecules,
  molecules: readonly MeasuredGraph[],
): Promise<number> {
  const found = await predictMolecules(
    backend,
    network,
    trained,
    molecules.map(({ graph }) => graph),
    signal,
  );
  const squares = molecules.reduce((sum, { value }, n) => sum + (found[n]! - value) ** 2, 0);
  return Math.sqrt(squares / molecules.length);
}

/** The files of a trained network. */
export function moleculeModel(
  { name, network, unit }: MoleculePlan,
  { weights, mean, scale }: TrainedMolecules,
  figures: readonly Figure[],
): TrainedModel {
  const config: GraphModelConfig = { model: network, output: { kind: "value", unit, mean, scale } };
  return { config: { name, ...config } as TrainedModel["config"], weights, files: {}, figures };
}

/** What a figure of an error says of itself. */
export function inUnit({ unit }: MoleculePlan): Pick<Figure, "unit" | "better"> {
  return { unit, better: "lower" };
}
