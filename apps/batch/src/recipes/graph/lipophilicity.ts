// How a compound divides between octanol and water, learned from 3,360 compounds.
//
// Settings were chosen on 420 of these, kept apart, by single seeds: an RMSE of 0.673 after 24 epochs, 0.634 after 60 and 0.640
// after 120; of 96 columns 0.647, with twice the dropout 0.685, with readouts through a tanh as in solubility 0.804.

import type { Recipe } from "../recipe.ts";
import { moleculeNetwork, type MoleculePlan, trainMoleculeModel } from "./molecule-recipe.ts";

const plan: MoleculePlan = {
  name: "graph/lipophilicity",
  trainFile: "lipophilicity.train.tsv",
  devFile: "lipophilicity.dev.tsv",
  column: "logD",
  unit: "log D",
  network: moleculeNetwork({ layers: 4, width: 64 }),
  settings: {
    epochs: 60,
    molecules: 32,
    rate: 1e-3,
    decay: 0.01,
    averaging: 0.995,
    dropout: { branches: 0.1, pooled: 0.1, attention: 0.1 },
  },
};

/** The recipe of `graph/lipophilicity`. */
export const lipophilicity: Recipe = {
  name: plan.name,
  summary: "how a compound divides between octanol and water at pH 7.4",
  data: [plan.trainFile, plan.devFile],
  card: {
    title: "Lipophilicity of molecules",
    licence: "CC BY-SA 3.0",
    about: [
      "How a compound, given as a SMILES string, divides between octanol and water at pH 7.4: log D, the common logarithm of the ratio of concentrations.",
      "Trained on the lipophilicity data of MoleculeNet (Wu et al. 2018, Chemical Science 9, 513-530): AstraZeneca's deposit in ChEMBL, CC BY-SA 3.0, as in LCY02/ABT-MPNN (MIT). The licence of the data is share-alike, so the weights are under CC BY-SA 3.0 too.",
      "The compounds are those of drug discovery, from -1.5 to 4.5. Not for salts, metals and polymers.",
    ],
  },
  train: async (run) => trainMoleculeModel(run, plan),
};
