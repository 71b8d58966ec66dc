// compromise, of which `two` is the part that tags. Its terms carry sets of its own tags, and punctuation hangs before and
// after them, so that what is compared is made here: tags by the table below, punctuation marks as words of their own, and
// contractions, which it takes apart in meaning but not in letters, cut where treebanks cut them.
import type { LabelledWord } from "@saccade/text-tokens";
import nlp from "compromise/two";
import { compromiseName } from "./names.ts";
import type { EnglishTagger } from "./tagger.ts";

/** Loads it. */
export function openCompromise(): EnglishTagger {
  return {
    name: compromiseName,
    learntFrom: "general English",
    tag: async (texts) => texts.map(termsOf),
    label: async (texts) => texts.map((text) => placeTerms(text, termsOf(text))),
    dispose: async () => {},
  };
}

/** What is used of a term. */
interface Term {
  readonly pre: string;
  readonly text: string;
  readonly post: string;
  /** What a part of a contraction stands for; parts after the first have no text. */
  readonly implicit?: string;
  readonly tags?: ReadonlySet<string>;
}

function termsOf(text: string): readonly Term[] {
  return nlp(text).termList() as readonly Term[];
}

/** Its tags in the order in which they are asked for, and what Universal Dependencies call them in English. */
const universal: readonly (readonly [tag: string, label: string])[] = [
  ["Emoji", "SYM"],
  ["Emoticon", "SYM"],
  ["Url", "PROPN"],
  ["Email", "PROPN"],
  ["AtMention", "PROPN"],
  ["HashTag", "PROPN"],
  ["Expression", "INTJ"],
  ["Negative", "PART"],
  ["Pronoun", "PRON"],
  ["There", "PRON"],
  ["Copula", "AUX"],
  ["Modal", "AUX"],
  ["Auxiliary", "AUX"],
  ["Particle", "ADP"],
  ["Verb", "VERB"],
  ["Determiner", "DET"],
  ["Condition", "SCONJ"],
  ["Conjunction", "CCONJ"],
  ["Preposition", "ADP"],
  ["Ordinal", "ADJ"],
  ["Value", "NUM"],
  ["ProperNoun", "PROPN"],
  ["Month", "PROPN"],
  ["WeekDay", "PROPN"],
  ["Noun", "NOUN"],
  ["Adjective", "ADJ"],
  ["Adverb", "ADV"],
];

/** Closed classes that its tags do not keep apart: the words of each. */
const closedClasses: Readonly<Record<string, string>> = {
  AUX: "'d 'll 'm 're 've am are be been being ca is was were wo",
  PRON: "anyone anything everyone everything her his its my nobody nothing our someone something their what which who whom whose your",
  ADV: "how now when where why",
  DET: "all",
  SCONJ: "although because if since though unless whether while",
};

const closedWords: ReadonlyMap<string, string> = new Map(
  Object.entries(closedClasses).flatMap(([label, words]) => words.split(" ").map((word) => [word, label] as const)),
);

const noTags: ReadonlySet<string> = new Set();

/** The label of Universal Dependencies for a term of `tags` that stands for `form`; `next` are the tags of the term after it. */
export function universalLabel(form: string, tags: ReadonlySet<string>, next: ReadonlySet<string> = noTags): string {
  if (/^[^\p{L}\p{N}]+$/u.test(form) && !tags.has("Emoji") && !tags.has("Emoticon")) return signs[form] ?? "PUNCT";
  const word = form.toLowerCase().replace("’", "'");
  if (word === "to") return next.has("Verb") && !next.has("Gerund") ? "PART" : "ADP";
  return closedWords.get(word) ?? universal.find(([tag]) => tags.has(tag))?.[1] ?? "X";
}

/** Signs that are no punctuation. */
const signs: Readonly<Record<string, string>> = {
  "&": "CCONJ",
  $: "SYM",
  "%": "SYM",
  "+": "SYM",
  "=": "SYM",
  "#": "SYM",
};

/** Where a contraction of two parts is cut: before its last letters. */
const lastPart = /(?:n['’]?t|['’]?(?:s|m|d|re|ve|ll)|['’]|not|na|ta|me|lot)$/iu;

function placeTerms(text: string, terms: readonly Term[]): LabelledWord[] {
  const placed: LabelledWord[] = [];
  let at = 0;
  const word = (form: string, label: string): void => {
    placed.push({ form, label, start: at, end: at + form.length });
    at += form.length;
  };
  const between = (marks: string): void => {
    for (const [run] of marks.matchAll(/\s+|(\S)\1*/gu)) {
      if (/\s/u.test(run)) at += run.length;
      else word(run, signs[run] ?? "PUNCT");
    }
  };
  for (const [i, given] of terms.entries()) {
    const term = withApostrophe(given);
    between(term.pre);
    if (term.text !== "") for (const [form, label] of partsOf(term, terms[i + 1])) word(form, label);
    between(term.post);
  }
  if (at !== text.length) {
    throw new Error(`Cannot place terms: they must make up the text of ${text.length} units, they make up ${at}`);
  }
  return placed;
}

/** An ending that stands alone, as `'s`, with the apostrophe that hangs before it. */
function withApostrophe(term: Term): Term {
  const { pre, text } = term;
  if (!/['’]$/u.test(pre) || !/^(?:s|m|d|re|ve|ll)$/iu.test(text)) return term;
  return { ...term, pre: pre.slice(0, -1), text: pre.slice(-1) + text };
}

/** The words that a term is made of; `next` may be the second part of its contraction. */
function partsOf({ text, tags = noTags, implicit }: Term, next: Term | undefined): [form: string, label: string][] {
  const after = next?.tags ?? noTags;
  const contracted = next?.text === "" && next.implicit !== undefined;
  const possessive = !contracted && tags.has("Possessive") && /['’]s?$/iu.test(text);
  const cut = contracted || possessive ? text.search(lastPart) : -1;
  if (cut <= 0) return [[text, universalLabel(text, tags, after)]];
  const first = text.slice(0, cut);
  const second = contracted ? universalLabel(next.implicit ?? "", after) : "PART";
  return [
    [first, universalLabel(implicit ?? first, tags, after)],
    [text.slice(cut), second],
  ];
}
