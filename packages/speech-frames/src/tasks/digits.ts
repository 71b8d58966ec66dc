import { type ClipLabel, clipLabelTask } from "./clip-label.ts";
import type { Audio } from "../audio/audio.ts";
import type { Modality } from "@saccade/pipeline";

/**
 * `speech/digits`: which digit, or which of the words that the model knows, is said in each recording. An input is
 * `{ samples, sampleRate }` of any rate; one that is shorter than a frame, or empty, is filled up with silence.
 */
export const digits: Modality<Audio, ClipLabel, "set-label", object> = clipLabelTask("speech/digits");
