import { type ClipLabel, clipLabelTask } from "./clip-label.ts";
import type { Audio } from "../audio/audio.ts";
import type { Modality } from "@saccade/pipeline";

/** `speech/speaker`: who of those that the model knows speaks in each recording. Inputs are as in `digits`. */
export const speaker: Modality<Audio, ClipLabel, "set-label", object> = clipLabelTask("speech/speaker");
