// Words a second from texts to tags, all taggers on one thread in turns. Texts are whole documents, one call for each but for
// ours, which takes them all and makes its own batches.
import { tokenizer } from "@saccade/text-tokens";
import { uposModel } from "@saccade/text-tokens/models/upos";
import { interleave } from "../measure.ts";
import { documentTexts, ownTexts, readEwt } from "./english-data.ts";
import { openCompromise } from "./taggers/compromise.ts";
import { ourName } from "./taggers/names.ts";
import { openOurs } from "./taggers/ours.ts";
import type { EnglishTagger } from "./taggers/tagger.ts";
import { openWink } from "./taggers/wink.ts";
import type { TaggingSpeed } from "./text-result.ts";

/** Texts on which ours must say what the reference backend says, before anything is timed. */
const checked = 12;

/** Times ours, and with `withPeers` the others. Throws if ours differs from the reference backend in a tag. */
export async function measureSpeed(name: string, withPeers: boolean): Promise<TaggingSpeed> {
  const { texts, words, what } = await textsToTag();
  const ours = await openOurs(ourName, uposModel);
  await checkTags(ours, texts.slice(0, checked));
  const taggers = withPeers ? [ours, openWink(), openCompromise()] : [ours];
  const firstMs: number[] = [];
  for (const tagger of taggers) {
    const start = performance.now();
    await tagger.tag(texts);
    firstMs.push(performance.now() - start);
  }
  const settle = async (): Promise<void> => (globalThis as { gc?: () => void }).gc?.();
  const timings = await interleave(
    taggers.map((tagger) => async () => tagger.tag(texts)),
    { settle },
  );
  for (const tagger of taggers) await tagger.dispose();
  return {
    kind: "tagging-speed",
    name,
    texts: what,
    words,
    taggers: taggers.map((tagger, i) => {
      const { medianMs, spreadMs } = timings[i]!;
      const wordsPerSecond = words / (medianMs / 1000);
      return { name: tagger.name, ms: medianMs, spreadMs, wordsPerSecond, firstMs: firstMs[i]! };
    }),
  };
}

async function textsToTag(): Promise<{ readonly texts: string[]; readonly words: number; readonly what: string }> {
  const dev = await readEwt("dev");
  if (dev) {
    const documents = documentTexts(dev);
    const words = documents.reduce((sum, document) => sum + document.words.length, 0);
    return {
      texts: documents.map(({ text }) => text),
      words,
      what: `the ${documents.length} documents of UD English-EWT dev`,
    };
  }
  const texts = await ownTexts();
  const tokenize = tokenizer();
  const words = texts.reduce((sum, text) => sum + tokenize(text).tokens.length, 0);
  return { texts, words, what: "the paragraphs of this repository's pages" };
}

async function checkTags(ours: EnglishTagger, texts: readonly string[]): Promise<void> {
  const reference = await openOurs("reference", uposModel, "reference");
  const [found, wanted] = [await ours.label(texts), await reference.label(texts)];
  await reference.dispose();
  const differing = wanted.flat().filter(({ label }, i) => found.flat()[i]?.label !== label).length;
  if (differing > 0) throw new Error(`tags must be those of the reference backend, ${differing} words have others`);
}
