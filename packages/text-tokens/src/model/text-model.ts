// What the files of a text model say besides its weights: the network, its labels, and what it sees of a word. Training
// writes it and tasks read it, so that both see the same.

import {
  type AttentionPattern,
  checkModelConfig,
  type Head,
  type ModelConfig,
  ModelMismatchError,
} from "@saccade/attention-core";
import type { WordFeatureConfig } from "../features/feature-config.ts";
import { decodeRows, keepRows } from "../features/kept-rows.ts";
import { wordFeaturizer, type WordFeaturizer } from "../features/word-features.ts";

/** What config.json of a text model says, besides name and version. */
export interface TextModelConfig {
  readonly model: ModelConfig;
  /** L names, in the order of the scores. */
  readonly labels: readonly string[];
  /** What the model sees of a word. */
  readonly features: WordFeatureConfig;
  /** The path of a file with the rows that the table kept, as `encodeRows` writes it; left out if it kept all. */
  readonly rows?: string;
  /** Which words of a set may attend to each other. */
  readonly pattern: TextPattern;
  /** What the sets are that the model was trained on: sentences ("split"), or whole texts ("one"). */
  readonly sentences: "split" | "one";
}

/** The patterns that are of use for words. */
export type TextPattern = Extract<AttentionPattern, { readonly kind: "full" | "causal" | "window" }>;

/** A text model, ready to see words. */
export interface TextModel {
  readonly config: TextModelConfig;
  readonly featurizer: WordFeaturizer;
}

/** What is needed of the files of a model; `ModelFiles` of @saccade/model-files has it. */
export interface TextModelFiles {
  readonly name: string;
  readonly config: unknown;
  bytes(path: string, signal?: AbortSignal): Promise<Uint8Array>;
}

/**
 * Opens the files of a model for a task, whose network must have the head `head`. Rejects with `ModelMismatchError` if
 * the configuration is of another kind of model or does not agree with itself, and with what reading the files throws.
 */
export async function openTextModel(
  files: TextModelFiles,
  task: string,
  head: Head,
  signal?: AbortSignal,
): Promise<TextModel> {
  const refuse = (rule: string, options?: ErrorOptions): never => {
    throw new ModelMismatchError(`Cannot open model "${files.name}" as ${task}: ${rule}`, options);
  };
  const config = checkTextModelConfig(files.config, head, refuse);
  const rows = config.rows === undefined ? undefined : await files.bytes(config.rows, signal);
  try {
    return textModel(config, rows && decodeRows(rows));
  } catch (cause) {
    return refuse((cause as Error).message, { cause });
  }
}

/**
 * A text model from its configuration and the rows that its table kept, if it kept some only. Throws `RangeError` if the
 * network's table has other rows or columns than the features.
 */
export function textModel(config: TextModelConfig, rows?: Int32Array): TextModel {
  const all = wordFeaturizer(config.features);
  const featurizer = rows === undefined ? all : keepRows(all, rows);
  const { input } = config.model;
  const { layout } = featurizer;
  if (input.kind !== "embeddings" || input.rows !== layout.rows || input.columns !== layout.columns) {
    const actual = input.kind === "embeddings" ? `${input.columns} columns and ${input.rows} rows` : input.kind;
    throw new RangeError(
      `Cannot use features: the model must read ids in ${layout.columns} columns of ${layout.rows} rows as they are, it reads ${actual}`,
    );
  }
  return { config, featurizer };
}

type Refuse = (rule: string, options?: ErrorOptions) => never;

function checkTextModelConfig(value: unknown, head: Head, refuse: Refuse): TextModelConfig {
  if (typeof value !== "object" || value === null) return refuse("its configuration must be an object, it is none");
  const config = value as Partial<Record<keyof TextModelConfig, unknown>>;
  try {
    checkModelConfig(config.model as ModelConfig);
  } catch (cause) {
    refuse((cause as Error).message, { cause });
  }
  const model = config.model as ModelConfig;
  if (model.head.kind !== head) refuse(`head must be "${head}", the model has "${model.head.kind}"`);
  const { labels, pattern, sentences, rows } = config;
  if (!Array.isArray(labels) || !labels.every((label) => typeof label === "string")) {
    return refuse("labels must be a list of strings, they are none");
  }
  if (labels.length !== model.head.labels) {
    refuse(`labels must be as many as the head scores, ${model.head.labels}; there are ${labels.length}`);
  }
  if (!["full", "causal", "window"].includes((pattern as TextPattern | undefined)?.kind as string)) {
    refuse("pattern must be full, causal or a window, it is none of them");
  }
  if (sentences !== "split" && sentences !== "one") refuse('sentences must be "split" or "one", it is neither');
  if (rows !== undefined && typeof rows !== "string") refuse("rows must be the path of a file, it is none");
  return value as TextModelConfig;
}
