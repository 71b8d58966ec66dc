// The task graph/lipophilicity on the command line.

import { lipophilicityModel } from "@saccade/graph-nodes/models/lipophilicity";
import { lipophilicity } from "@saccade/graph-nodes/molecules";
import type { Task } from "../task.ts";
import { moleculeTask } from "./molecule-task.ts";

/** How a compound divides between octanol and water. */
export const lipophilicityTask: Task = moleculeTask({
  modality: lipophilicity,
  summary: "how a compound divides between octanol and water at pH 7.4, log D",
  shipped: lipophilicityModel,
  column: "logD",
});
