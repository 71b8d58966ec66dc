import { speaker } from "@saccade/speech-frames";
import { speakerModel } from "@saccade/speech-frames/models/speaker";
import type { Task } from "../task.ts";
import { clipTask } from "./clip-task.ts";

/** Who speaks. */
export const speakerTask: Task = clipTask(speaker, {
  summary: "who of six says a digit",
  column: "speaker",
  shipped: speakerModel,
});
