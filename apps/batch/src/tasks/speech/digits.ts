import { digits } from "@saccade/speech-frames";
import { digitsModel } from "@saccade/speech-frames/models/digits";
import type { Task } from "../task.ts";
import { clipTask } from "./clip-task.ts";

/** Which digit is said. */
export const digitsTask: Task = clipTask(digits, {
  summary: "which digit is said in a recording of one",
  column: "digit",
  shipped: digitsModel,
});
