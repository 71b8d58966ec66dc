// Words whose period belongs to them. At the end of a sentence it does not, as in Universal Dependencies' English data:
// "etc." is two tokens there.

/** What is known of an abbreviation. */
export interface Abbreviation {
  /** A name or a number follows, so that no sentence ends with it: Mr., vs., ext. */
  readonly opens: boolean;
  /** Without its period a word, too, which may well end a sentence: no., Sun., wed. */
  readonly isWord: boolean;
}

const opening =
  "mr mrs ms messrs dr drs prof rev gen col lt sgt capt cpt maj cmdr adm sen rep reps gov pres hon st sts ft mt fr vs no nos " +
  "fig figs vol pp ed eds al ca cf approx attn arrv lv ext eg ie viz esp incl tel fax ph mob para sec dept assn univ";

const closing =
  "jr sr inc corp co ltd bros etc ave blvd rd hwy apt bldg jan feb mar apr jun jul aug sept sep oct nov dec mon tue tues wed " +
  "thu thur thurs fri sat sun lb lbs oz yr yrs hr hrs min mins wk wks mo mos ala ariz ark calif colo conn del fla ind kan ky " +
  "mass md mich minn miss mont neb nev okla ont ore penn que tenn tex va vt wash wis wyo conf spec sc info eve misc et";

const words =
  "no fig ed mar sat sun mon wed miss mass ind del mo min et sec co ph ark wash col eve spec info para fax mob ca al ore conf misc";

/** The longest word of `abbreviationTable`. */
export const longestAbbreviation = 6;

/** Abbreviations without their period, in lower case. Those of letters with periods between them are a rule, not a list. */
export function abbreviationTable(): ReadonlyMap<string, Abbreviation> {
  const isWord = new Set(words.split(" "));
  const entries = (list: string, opens: boolean): [string, Abbreviation][] =>
    list.split(" ").map((word) => [word, { opens, isWord: isWord.has(word) }]);
  return new Map([...entries(opening, true), ...entries(closing, false)]);
}
