// What the author of a plugin writes: a constant that says how inputs become rows and scores become answers. It runs
// nothing and knows no backend, file system or worker.

import type { Features, Head, HeadScores, Network } from "@saccade/attention-core";
import type { ModelFiles } from "@saccade/model-files";
import type { Pipeline } from "./pipeline.ts";

/** The heads that a pipeline runs. */
export type LabelHead = Exclude<Head, "generate">;

/** A task of a modality: text/upos, speech/digits. */
export interface Modality<Input, Output, H extends LabelHead = LabelHead, Settings extends object = object> {
  /** "text/upos": used in errors and progress. */
  readonly name: string;
  readonly head: H;
  /** Defaults; plain data, so that they can cross to a worker. */
  readonly settings: Settings;
  /**
   * Reads what the files of a model say about features and labels. Throws `ModelMismatchError` for files of another task.
   */
  open(files: ModelFiles, settings: Settings, signal?: AbortSignal): Promise<Processor<Input, Output, H>>;
}

/**
 * A task, opened with the files of one model. `F` is what `featurize` gives and `decode` gets back: `decode` may find there
 * more than rows, such as the words of a text.
 */
export interface Processor<
  Input,
  Output,
  H extends LabelHead = LabelHead,
  F extends ModalityFeatures = ModalityFeatures,
> extends Partial<Disposable> {
  /** What runs between `featurize` and `decode`: `modelNetwork(config)`, or one of its own. The pipeline holds the weights against it. */
  readonly network: Network;
  /**
   * About how many positions an input takes, cheap to say; the pipeline cuts batches by it. Left out, each takes 64.
   * It need not be exact, and what it throws is left for `featurize` to say.
   */
  positionsOf?(input: Input): number;
  /** The rows of some inputs. Throws for an input that is none; the pipeline then finds out which it was. */
  featurize(inputs: readonly Input[]): F;
  /** One output per input, in order. `features` are those that `featurize` gave for these inputs. */
  decode(scores: HeadScores[H], inputs: readonly Input[], features: F): Output[];
}

/** The rows of some inputs. */
export interface ModalityFeatures extends Features {
  /**
   * For each set the input that it belongs to, ascending [N]: an input may become several sets (a long text in windows)
   * or none. Left out where set n is input n.
   */
  readonly inputOfSet?: Int32Array;
}

/** The pipeline of a task: `PipelineOf<typeof upos>`. */
export type PipelineOf<M> =
  M extends Modality<infer Input, infer Output, infer _H, infer _Settings> ? Pipeline<Input, Output> : never;
