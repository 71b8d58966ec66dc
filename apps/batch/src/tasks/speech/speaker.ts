import { speaker } from "@saccade/speech-frames";
import { clipTask } from "./clip-task.ts";

/** Who speaks. */
export const speakerTask = clipTask(speaker, {
  summary: "who of six says a digit",
  column: "speaker",
  shipped: undefined,
});
