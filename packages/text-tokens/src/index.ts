// Text: what a word is, what a model sees of it, the tasks, and how well they do.

export {
  commentOf,
  type ConlluEmptyNode,
  type ConlluOptions,
  type ConlluRange,
  type ConlluSentence,
  type ConlluWord,
  readConllu,
} from "./data/conllu.ts";
export { conlluText, type ConlluText, documentsOf } from "./data/conllu-text.ts";
export { DataFormatError } from "./data/data-format-error.ts";
export { type LabelledText, type LabelledTextsOptions, readLabelledTexts } from "./data/labelled-texts.ts";
export { type LabelledTokens, type LabelledTokensOptions, readLabelledTokens } from "./data/labelled-tokens.ts";
export type { TextSource } from "./data/lines.ts";
export {
  checkWordFeatureConfig,
  type ContextFeature,
  featureLayout,
  type FeatureLayout,
  type FeatureRange,
  type WordFeature,
  type WordFeatureConfig,
} from "./features/feature-config.ts";
export { chooseRows, decodeRows, encodeRows, keepRows, type KeepOptions } from "./features/kept-rows.ts";
export { vocabularyOf, type VocabularyOptions } from "./features/vocabulary.ts";
export { wordFeatures, wordFeaturizer, type WordFeaturizer } from "./features/word-features.ts";
export type { Negation } from "./features/negation.ts";
export { type WordFlag, wordFlags } from "./features/word-flags.ts";
export { type WordForm, wordShape } from "./features/word-form.ts";
export { charactersOf, charactersOfWords } from "./characters/characters.ts";
export { type BioLabel, bioOfSpans, parseBioLabel, spansOfBio } from "./labels/bio.ts";
export {
  type Entity,
  type EntityGrouping,
  entityGroupings,
  groupEntities,
  type ScoredPiece,
} from "./labels/group-entities.ts";
export { jointLabels, type JointWord, jointWords, type ScoredCharacter } from "./labels/joint-words.ts";
export { type Accuracy, accuracyOf } from "@saccade/attention-core";
export { type Score, scoreOf, sumScores } from "./metrics/score.ts";
export { type SpanScores, spanScores } from "./metrics/spans.ts";
export { type LabelledWord, type LabelledWords, type TaggingScores, taggingScores } from "./metrics/tagging.ts";
export {
  openTextModel,
  textModel,
  type TextModel,
  type TextModelConfig,
  type TextModelFiles,
  type TextPattern,
} from "./model/text-model.ts";
export type { LabelledSpan, Span } from "./span.ts";
export { chineseUpos } from "./tasks/chinese-upos.ts";
export { entities, type EntitySettings } from "./tasks/entities.ts";
export { type LabelScore, sentiment, type SentimentLabel } from "./tasks/sentiment.ts";
export { type TextSettings, textSettings } from "./tasks/settings.ts";
export type { TextInput } from "./tasks/text-input.ts";
export { type TaggedText, type TaggedToken, upos } from "./tasks/upos.ts";
export { tokenize, tokenizer, type Tokenizer, type TokenizeOptions } from "./tokenizer/tokenize.ts";
export type { Token, TokenizedText } from "./tokenizer/token.ts";
export { type Window, type WindowSettings, windowsOf } from "./windows/windows.ts";
