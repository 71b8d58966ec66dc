// The voices of eSpeak NG 1.51 and Flite 2.2 that say digits, and how digits are spelled for them.

/** Of the digits, 0 to 9. */
export const words: readonly string[] = "zero one two three four five six seven eight nine".split(" ");

/** Of English in eSpeak NG. */
export const espeakVoices: readonly string[] =
  "en-gb en-us en-gb-scotland en-gb-x-gbclan en-gb-x-rp en-gb-x-gbcwmd en-029 en-us-nyc".split(" ");

/** Of any voice in eSpeak NG: those that sound like people, more or less. */
export const espeakVariants: readonly string[] = [
  "m1 m2 m3 m4 m5 m6 m7 m8 f1 f2 f3 f4 f5 klatt klatt2 klatt3 klatt4 klatt5 klatt6 adam Alex Andy Mike Michael Lee Gene",
  "Marco Mario Denis Diogo Hugo Jacky Henrique anika antonio benjamin boris caleb david ed edward iven iven2 john linda",
  "marcelo max miguel norbert pablo paul pedro quincy rob robert sandro steph travis victor zac Alicia Andrea Annie belinda",
  "shelby aunty grandpa",
].flatMap((names) => names.split(" "));

/** English as speakers of other languages say it: by the spelling of each, for the voice of that language. */
export const accents: Readonly<Record<string, string>> = {
  de: "siro wann tu sri for faif sicks sewen äit nain",
  fr: "zirau ouane tou sri faure faïve sixe sévène éïte naïne",
  el: "ζίροου γουάν του θρι φορ φάιβ σιξ σέβεν έιτ νάιν",
  es: "ziro uan tu zri for faiv sics seven eit nain",
  it: "siro uan tu tri for faiv sics seven eit nain",
  pl: "ziroł łan tu fri for fajw siks sewen ejt najn",
  nl: "ziero wan toe srie foor faaif siks seven eet nain",
  sv: "siro oan to tri får fajv six seven ejt najn",
  ru: "зироу уан ту сри фор файв сикс севен эйт найн",
  hi: "ज़ीरो वन टू थ्री फोर फाइव सिक्स सेवन एट नाइन",
  tr: "ziro van tu tiri for fayv siks sevın eyt nayn",
  pt: "ziro uan tu tri fór faiv sics séven eit nain",
  hu: "ziró van tú szri fór fájv sziksz szeven éjt nájn",
  cs: "zirou uan tú srí fór fajv siks sevn ejt najn",
  fi: "siirou uan tuu trii foor faiv siks seven eit nain",
  ro: "zirou uan tu tri for faiv sics seven eit nain",
  da: "siro van tu sri for fajv siks seven æjt najn",
  nb: "siro van to tri får faiv siks seven eit nain",
};

/** Voices of Flite, with the range of their pitch in Hz. */
export const fliteVoices: Readonly<Record<string, readonly [least: number, most: number]>> = {
  kal16: [80, 150],
  awb: [80, 150],
  rms: [80, 150],
  slt: [140, 210],
};
