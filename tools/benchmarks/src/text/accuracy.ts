// The table of accuracies, on the dev part of EWT, from which no tagger has learnt, though ours and the perceptron have their
// settings from it.
import { uposModel } from "@saccade/text-tokens/models/upos";
import { uposWordsAloneModel } from "@saccade/text-tokens/models/upos-words-alone";
import type { CaseSkip } from "../result.ts";
import { missingEwt, readEwt } from "./english-data.ts";
import { scoreTagger } from "./scores.ts";
import { openCompromise } from "./taggers/compromise.ts";
import { ourName, wordsAloneName } from "./taggers/names.ts";
import { missingModel, openOurs } from "./taggers/ours.ts";
import { trainPerceptronTagger } from "./taggers/perceptron.ts";
import type { EnglishTagger } from "./taggers/tagger.ts";
import { openWink } from "./taggers/wink.ts";
import type { TaggerAccuracy, TaggingAccuracy } from "./text-result.ts";

/** Scores ours, and with `withPeers` the others. */
export async function measureAccuracy(name: string, withPeers: boolean): Promise<TaggingAccuracy | CaseSkip> {
  const [train, dev] = [await readEwt("train"), await readEwt("dev")];
  if (!train || !dev) return { name, skipped: missingEwt };
  const missing = missingModel(uposWordsAloneModel);
  const opens: (() => Promise<EnglishTagger>)[] = [async () => openOurs(ourName, uposModel)];
  if (!missing) opens.push(async () => openOurs(wordsAloneName, uposWordsAloneModel));
  if (withPeers) {
    opens.push(async () => trainPerceptronTagger(train));
    opens.push(async () => openWink());
    opens.push(async () => openCompromise());
  }
  const taggers: TaggerAccuracy[] = [];
  for (const open of opens) {
    const tagger = await open();
    try {
      taggers.push({ name: tagger.name, learntFrom: tagger.learntFrom, ...(await scoreTagger(tagger, dev)) });
    } finally {
      await tagger.dispose();
    }
  }
  const words = dev.reduce((sum, sentence) => sum + sentence.words.length, 0);
  return {
    kind: "tagging-accuracy",
    name,
    data: `UD English-EWT dev, ${words.toLocaleString("en")} words`,
    taggers,
    absent: missing ? { [wordsAloneName]: missing } : {},
  };
}
