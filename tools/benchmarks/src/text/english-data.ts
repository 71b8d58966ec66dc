// Labelled English, which is not part of this repository: UD English-EWT, in `shared/data` beside it or where the environment
// variable SACCADE_SHARED says.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ConlluSentence, conlluText, documentsOf, type LabelledWords, readConllu } from "@saccade/text-tokens";

const repositoryRoot = fileURLToPath(new URL("../../../../", import.meta.url));

/** A part of the treebank. */
export type EwtPart = "train" | "dev";

/** Its sentences, or `undefined` where the data are not here. */
export async function readEwt(part: EwtPart): Promise<ConlluSentence[] | undefined> {
  const file = fileOf(part);
  return existsSync(file) ? readConllu(await readFile(file)) : undefined;
}

/** Why `readEwt` gave nothing. */
export const missingEwt = `the shared data are not here: data/ud-english-ewt must exist beside the repository in shared, or in the folder that SACCADE_SHARED names`;

function fileOf(part: EwtPart): string {
  const shared = process.env["SACCADE_SHARED"] ?? join(repositoryRoot, "..", "shared");
  return join(shared, "data", "ud-english-ewt", `en_ewt-ud-${part}.conllu`);
}

/** The text of each document as it was written, with its words, their tags and its sentences. */
export function documentTexts(sentences: readonly ConlluSentence[]): LabelledWords[] {
  return documentsOf(sentences).map((document) => {
    const { text, words, sentences: spans } = conlluText(document);
    return {
      text,
      words: words.map(({ form, upos, start, end }) => ({ form, label: upos, start, end })),
      sentences: spans,
    };
  });
}

/** What is tagged where the treebank is not here: the paragraphs of this repository's own pages. */
export async function ownTexts(): Promise<string[]> {
  const pages = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"];
  const texts = await Promise.all(pages.map(async (page) => readFile(join(repositoryRoot, page), "utf8")));
  return texts.flatMap((text) => text.split(/\n\n+/u)).filter((text) => /^[\p{Lu}*]/u.test(text));
}
