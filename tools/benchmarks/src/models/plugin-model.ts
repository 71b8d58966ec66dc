// Models that the plugins ship, found by their folders. Where one is not there, drawn weights stand in for it: what it says
// is then nonsense, how long it takes is the same.
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { initialWeights, type Weights, type WeightSpec } from "@saccade/attention-core";
import { type ModelFiles, openModel } from "@saccade/model-files";

/** Packages that ship models. */
export type Plugin = "speech-frames" | "graph-nodes" | "image-patches";

/** The files of the model in the folder `models/name` of `plugin`, or drawn weights for `config` where there is none. */
export async function pluginModel(
  plugin: Plugin,
  name: string,
  config: object,
  describe: () => WeightSpec[],
): Promise<ModelFiles> {
  const folder = new URL(`models/${name}/`, import.meta.resolve(`@saccade/${plugin}/package.json`));
  if (!existsSync(new URL("files.json", folder))) return drawnModel(name, config, describe);
  const files = (await readdir(folder)).map((file) => [file, new URL(file, folder)] as const);
  return openModel(Object.fromEntries(files));
}

function drawnModel(name: string, config: object, describe: () => WeightSpec[]): ModelFiles {
  const refuse = async (path: string): Promise<never> => {
    throw new RangeError(`Cannot read ${path}: a drawn model must not need it, it does`);
  };
  const weights = async (): Promise<Weights> => initialWeights(describe(), 1);
  return { name: `${name}, drawn`, config, weights, text: refuse, bytes: refuse };
}
