import { speaker } from "@saccade/speech-frames";
import { speakerModel } from "@saccade/speech-frames/models/speaker";
import { clipTask } from "./clip-task.ts";

/** Who speaks. */
export const speakerTask = clipTask(speaker, {
  summary: "who of six says a digit",
  column: "speaker",
  shipped: speakerModel,
});
