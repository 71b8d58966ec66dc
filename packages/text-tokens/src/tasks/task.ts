import type { Features, Head, HeadScores, ModelConfig } from "@saccade/attention-core";
import type { TextModelFiles } from "../model/text-model.ts";

/** A task on text. */
export interface TextTask<Input, Output, H extends Head, Settings extends object> {
  readonly name: string;
  readonly head: H;
  readonly settings: Settings;
  open(files: TextModelFiles, settings: Settings, signal: AbortSignal): Promise<TextProcessor<Input, Output, H>>;
}

/** A task, opened with the files of one model. */
export interface TextProcessor<Input, Output, H extends Head> {
  readonly model: ModelConfig;
  featurize(inputs: readonly Input[]): Features & { readonly inputOfSet: Int32Array };
  decode(scores: HeadScores[H], inputs: readonly Input[], features: Features): Output[];
}
