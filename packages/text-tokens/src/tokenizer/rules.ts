// What a token looks like, as Universal Dependencies' English Web Treebank cuts them: rules of our own, made by looking
// at its training part. At each place of a run of characters without blanks the first rule that matches takes its token;
// the last one takes any character. A rule looks no further than a bounded distance beyond what it takes, so that a text
// is cut in time linear in its length.

/** A kind of token: an expression of the `u` flag, and tokens that it takes whole. */
export interface TokenRule {
  readonly name: string;
  readonly source: string;
  readonly examples: readonly string[];
}

/** The rules in their order. What the group `word` takes is looked at again, for contractions and abbreviations. */
export function tokenRules(): TokenRule[] {
  // Letters, marks, digits, and characters without width that join them.
  const w = String.raw`\p{L}\p{M}\p{N}_\u00AD\u200C\u200D`;
  const end = `(?![${w}])`;
  const apostrophe = String.raw`['’\u0060]`;
  const number = String.raw`(?:\.|\+(?=\d{1,3}${end}))?\d+(?:[.,]\d+)*`;
  const address = String.raw`[^\s<>"“”]*[^\s<>"“”.,;:!?'’)\]}]`;
  const scheme = `(?:${anyCase("http|https|ftp|file")})://|${anyCase("www")}\\.|${anyCase("mailto|ymsgr")}:`;
  const ending = anyCase(
    "com|org|net|edu|gov|mil|info|biz|eu|uk|us|de|fr|io|ca|au|ru|tv|doc|docx|xls|xlsx|pdf|ppt|txt|htm|html|jpg|jpeg|gif|png|zip|exe|url|asp|php|xml|csv|json|js|ts|py",
  );
  const unit =
    "mm|cm|km|kg|mg|lbs?|oz|ft|sq|Hz|[kKMG]Hz|[KMGTkmgt][Bb]|[kKmMbt]|MM|bn|hrs?|mins?|minutes|secs?|mph|[ap]m|[AP]M|[ap]\\.m\\.?|hh|px|x|watt";
  const prefix =
    anyCase(
      "anti|co|counter|cross|ex|extra|intra|mega|meta|micro|mid|mini|mis|multi|neo|non|over|para|post|pre|pro|pseudo|psycho|re|semi|socio|sub|super|trans|ultra|un|under",
    ) + "|[eE](?=-[a-z]{4})";
  const rule = (name: string, source: string, ...examples: string[]): TokenRule => ({ name, source, examples });
  return [
    rule(
      "link",
      `(?:${scheme})${address}`,
      "http://haas.berkeley.edu/~borenste",
      "www.caem.org",
      "HTTPS://a.b/c?d=e#f",
    ),
    rule("e-mail", `[${w}][${w}.%+-]{0,63}@[${w}]+(?:[.-][${w}]+){0,8}`, "a.b-c@enron.com", "Rice@ENRON"),
    rule(
      "domain or file",
      String.raw`(?:[${w}][${w}-]{0,62}\.){1,4}(?:${ending})${end}(?:/${address})?`,
      "whitehouse.gov",
      "bbc.co.uk/news",
      "02-05-02.doc",
      "ENRON.XLS",
    ),
    rule(
      "newsgroup",
      String.raw`(?:alt|comp|misc|rec|sci|soc|talk)(?:\.[a-z][a-z-]{0,30}){1,8}${end}`,
      "comp.sources.unix",
    ),
    rule(
      "emoticon",
      String.raw`[<>]?[:;=][-^o']?[)(\]\[DPpOo/\\|*](?![${w}/])|[(][:;](?![${w}])|\^[_.]?\^|-_-|<3${end}|:'\(`,
      ":)",
      ":-)",
      ";-)",
      "=)",
      ":D",
      "(:",
      "^_^",
      "<3",
    ),
    rule("ellipsis", String.raw`\.{2,}|…+`, "...", "…"),
    rule("arrow", "-+>+|<-+|=+>|<=+|>=|<<+|>>+", "->", "<=", "<<"),
    rule("paired quote", "''|``|‘’|’’|\"\"", "''"),
    rule("run of a character", String.raw`(?<run>[-–—=*~#+·|$])\k<run>+|__+${end}|[!?]{2,}`, "--", "====", "?!?!"),
    rule(
      "acronym",
      String.raw`(?:\p{L}\.){2,16}(?:\p{L}${end})?(?![${w}])|\p{L}(?:\.\p{L}){1,16}${end}`,
      "U.S.",
      "p.m.",
      "L.I.T",
    ),
    rule("initial", String.raw`\p{Lu}\.(?:(?![${w}.])|(?=\p{Lu}\p{Ll}))`, "J."),
    rule(
      "phone",
      String.raw`(?:\d[-.])?\d{3}[-./]\d{3}[-.]\d{4}${end}|(?:\d{3}|\d{5}|x?\d)-\d{4}${end}`,
      "713-853-3989",
      "1-800-991-9019",
      "345-9945",
      "77042-2016",
      "x3-9890",
    ),
    rule("time", String.raw`\d{1,2}:\d{2}(?::\d{2})?`, "5:30", "08:27:46"),
    rule(
      "date",
      String.raw`\d{1,4}(?<dash>[-/])\d{1,2}\k<dash>\d{2,4}${end}|(?:1[0-2]|0?[1-9])/(?:[12]\d|3[01]|0[1-9])${end}|1[0-2]/[1-9]${end}`,
      "11/28/2000",
      "2026-11-21",
      "9/11",
    ),
    rule("number before a unit", `${number}(?=(?:${unit})${end})`),
    rule(
      "number",
      `${number}[${w}]*(?:['’]s${end})?`,
      "1,650,000",
      "3.5",
      ".04",
      "+44",
      "23rd",
      "1970s",
      "60's",
      "3143C",
    ),
    rule("short year", String.raw`(?<!\d)['’]\d{2}s?${end}`, "'72", "’90s"),
    rule("short form", `['’](?:em|til|tis|twas|cause|bout|n)${end}`, "'em"),
    rule("clitic", `${apostrophe}(?:s|re|ve|ll|d|m)${end}`, "'s", "’ll"),
    rule(
      "single letters",
      `[a-zA-Z]&[a-zA-Z]{1,2}${end}|[A-Z]{2,3}&[A-Z]${end}|w/(?:o|out)?${end}|[a-zA-Z]/[a-zA-Z]${end}`,
      "A&E",
      "AT&T",
      "PG&E",
      "w/o",
      "I/C",
    ),
    rule("mention", String.raw`@[\p{L}_][${w}.]{0,63}(?<=[${w}])|#\p{L}[${w}]*`, "@Ryan", "#audiobooks"),
    rule(
      "word",
      String.raw`(?<word>(?:(?<!-)(?:${prefix})-(?=[\p{L}\p{N}]))?[${w}]+(?:[*'’\u0060][${w}]+)*${apostrophe}?)`,
      "word",
      "O'Connell",
      "Shi'ite",
      "non-essential",
      "e-mail",
      "mid-1980s",
      "sh*t",
    ),
    rule("flag or key", String.raw`\p{RI}\p{RI}|[#*]\u{FE0F}?\u{20E3}`, "🇳🇱", "#️⃣"),
    rule(
      "emoji",
      String.raw`\p{ExtPict}[\u{FE0F}\u{1F3FB}-\u{1F3FF}\u{E0020}-\u{E007F}]*(?:\u{200D}\p{ExtPict}[\u{FE0F}\u{1F3FB}-\u{1F3FF}]*)*`,
      "👍🏽",
      "👩‍👩‍👧",
      "❤️",
    ),
    rule("character", String.raw`[^][\p{M}\u{200D}]*`, "(", "%", "-", "$", "“"),
  ];
}

/** All rules as one sticky expression. A new object with each call, since it has a state. */
export function tokenPattern(): RegExp {
  return new RegExp(
    tokenRules()
      .map(({ source }) => source)
      .join("|"),
    "yu",
  );
}

/** Words of letters, whichever of them are in upper case. */
function anyCase(words: string): string {
  return words.replace(/[a-z]/gu, (letter) => `[${letter}${letter.toUpperCase()}]`);
}
