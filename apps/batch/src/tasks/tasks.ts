// All tasks, by their names.

import { UsageError } from "../commands/errors.ts";
import { chineseUposTask } from "./chinese-upos.ts";
import { entitiesTask } from "./entities.ts";
import { citationsCiteseerTask, citationsTask } from "./graph/citations.ts";
import { lipophilicityTask } from "./graph/lipophilicity.ts";
import { solubilityTask } from "./graph/solubility.ts";
import { clothingTask } from "./image/clothing.ts";
import { patchesTask } from "./image/patches.ts";
import { sentimentTask } from "./sentiment.ts";
import { digitStringsTask } from "./speech/digit-strings.ts";
import { digitsTask } from "./speech/digits.ts";
import { framesTask } from "./speech/frames.ts";
import { speakerTask } from "./speech/speaker.ts";
import type { Task } from "./task.ts";
import { uposTask } from "./upos.ts";

/** In the order in which help lists them. */
export const tasks: readonly Task[] = [
  uposTask,
  entitiesTask,
  sentimentTask,
  chineseUposTask,
  digitsTask,
  speakerTask,
  framesTask,
  digitStringsTask,
  clothingTask,
  patchesTask,
  citationsTask,
  citationsCiteseerTask,
  solubilityTask,
  lipophilicityTask,
];

/** The task of a name. Throws `UsageError` if there is none. */
export function findTask(name: string): Task {
  const found = tasks.find((task) => task.name === name);
  if (found) return found;
  throw new UsageError(`Cannot find task ${name}: it must be one of ${tasks.map((task) => task.name).join(", ")}`);
}
