// `saccade train`: a recipe, run to the files of a model.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { asyncDispose, DeviceLostError } from "@saccade/attention-core";
import { writeModelDirectory } from "@saccade/model-files/node";
import { DataFormatError } from "@saccade/text-tokens";
import { differentiable } from "@saccade/training";
import { openTrainingBackend, type TrainingDevice } from "../backends/training-backend.ts";
import { type DataFile, dataFile } from "../records/data-file.ts";
import { checkpointFiles } from "../recipes/checkpoint-files.ts";
import { figureText } from "../recipes/figure-text.ts";
import type { CheckpointStore, Recipe } from "../recipes/recipe.ts";
import { recipes } from "../recipes/recipes.ts";
import { trainSeeds } from "../recipes/train-seeds.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { printable } from "../terminal/text.ts";
import { progressLines } from "../views/train-progress.ts";
import { UsageError } from "./errors.ts";
import { checkFolders } from "./train-folders.ts";

/** What is to be trained, and where files are. */
export interface TrainCommand extends TrainingDevice {
  readonly recipe: string;
  /** The folder with the recipe's data. */
  readonly data: string;
  /** The folder of the model. */
  readonly output: string;
  /** The folder of the checkpoints. */
  readonly checkpoints: string;
  readonly resume: boolean;
  readonly seed: number;
  /** How many, one after another; the best model is kept. */
  readonly seeds: number;
  readonly epochs: number | undefined;
}

/** The recipe of a name. Throws `UsageError` if there is none. */
export function findRecipe(name: string, among: readonly Recipe[] = recipes): Recipe {
  const found = among.find((recipe) => recipe.name === name);
  if (found) return found;
  throw new UsageError(
    `Cannot train ${name}: the recipe must be one of ${among.map((recipe) => recipe.name).join(", ")}`,
  );
}

/**
 * Runs the command. Resolves with its exit code. Throws `UsageError` for folders that cannot serve, before anything is
 * read; rejects with the reason of `signal` once a checkpoint is written, and with what training throws.
 */
export async function train(
  command: TrainCommand,
  terminal: Terminal,
  signal: AbortSignal,
  among: readonly Recipe[] = recipes,
): Promise<0> {
  const recipe = findRecipe(command.recipe, among);
  checkFolders(command, recipe);
  const note = (line: string): void => {
    terminal.progress("");
    terminal.print([printable(line)]);
  };
  tellBeginning(command, note);
  let reading = "";
  const dataOf = (file: string): DataFile => {
    reading = join(command.data, file);
    return dataFile("--data", reading);
  };
  let saved = false;
  const checkpointsOf = (seed: number): CheckpointStore => {
    const folder = command.seeds === 1 ? command.checkpoints : join(command.checkpoints, `seed-${seed}`);
    const store = checkpointFiles(folder, command.resume);
    return {
      load: async (name) => store.load(name),
      async save(name, checkpoint) {
        await store.save(name, checkpoint);
        saved = true;
      },
    };
  };
  const { backend: device, adapter } = await openTrainingBackend(command);
  if (adapter !== null) note(`On the GPU: ${adapter}`);
  const backend = differentiable(device);
  try {
    const { files, figures } = await trainSeeds(recipe, {
      read: (file) => dataOf(file).text(),
      bytes: (file) => dataOf(file).bytes(),
      dataOf,
      backend,
      seed: command.seed,
      seeds: command.seeds,
      epochs: command.epochs,
      checkpointsOf,
      factsOf: ({ weights, seconds = 0 }) => ({
        command: commandLine(command, recipe),
        seconds,
        parameters: Array.from(weights.values()).reduce((sum, { values }) => sum + values.length, 0),
        node: process.versions.node,
      }),
      onProgress: progressLines(terminal),
      note,
      signal,
    });
    await writeModelDirectory(command.output, files);
    const bytes = Object.values(files).reduce((sum, file) => sum + file.length, 0);
    figures.forEach((figure) => note(`${recipe.name}: ${figure.metric} ${figureText(figure)} on ${figure.data}`));
    note(`${command.output}: ${Object.keys(files).length} files, ${(bytes / 1e6).toFixed(2)} MB`);
    return 0;
  } catch (error) {
    if (error instanceof DataFormatError) terminal.complain(`In ${printable(reading)}:`);
    if (saved && (signal.aborted || error instanceof DeviceLostError)) {
      terminal.progress("");
      terminal.complain(
        `Training is kept in ${printable(command.checkpoints)}; the same command with --resume goes on`,
      );
    }
    throw error;
  } finally {
    terminal.progress("");
    await backend[asyncDispose]();
  }
}

/** What becomes of checkpoints that are there, or should be. */
function tellBeginning({ checkpoints, resume }: TrainCommand, note: (line: string) => void): void {
  const there = existsSync(checkpoints);
  if (resume)
    note(there ? `Going on from ${checkpoints}` : `Beginning anew: there is nothing in ${checkpoints} to go on from`);
  else if (there) note(`Beginning anew: checkpoints in ${checkpoints} are overwritten; --resume would go on from them`);
}

/** The command that made a model, as anybody would type it. */
function commandLine({ recipe, seed, seeds, epochs, backend }: TrainCommand, { data }: Recipe): string {
  const options = [
    `--data FOLDER`,
    `--seed ${seed}`,
    ...(seeds === 1 ? [] : [`--seeds ${seeds}`]),
    ...(epochs === undefined ? [] : [`--epochs ${epochs}`]),
    ...(backend === "wasm" ? [] : [`--backend ${backend}`]),
  ];
  return `npx -y pnpm@12.21.0 train ${recipe} ${options.join(" ")}   # FOLDER has ${data.join(" and ")}`;
}
