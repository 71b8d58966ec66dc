// The task graph/solubility on the command line.

import { solubilityModel } from "@saccade/graph-nodes/models/solubility";
import { solubility } from "@saccade/graph-nodes/molecules";
import type { Task } from "../task.ts";
import { moleculeTask } from "./molecule-task.ts";

/** How much of a compound dissolves in water. */
export const solubilityTask: Task = moleculeTask({
  modality: solubility,
  summary: "how much of a compound dissolves in water, log mol/l",
  shipped: solubilityModel,
  column: "log_solubility_mol_per_l",
});
