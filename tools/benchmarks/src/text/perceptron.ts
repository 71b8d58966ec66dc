// The peer that an attention tagger has to beat: an averaged perceptron over words, suffixes and the tags before
// (Collins 2002; features in the manner of Honnibal 2013, "A good part-of-speech tagger in about 200 lines of Python"),
// with no vectors and no library.

/** A tagger that was trained. */
export interface PerceptronTagger {
  /** One tag per word. */
  tag(words: readonly string[]): string[];
}

/** Words with their tags. */
export interface TaggedWords {
  readonly words: readonly string[];
  readonly tags: readonly string[];
}

/** Weights of one feature by the number of the tag, with what averaging needs: sums, and when each was last changed. */
interface FeatureWeights {
  readonly values: Float64Array;
  readonly totals: Float64Array;
  readonly changedAt: Int32Array;
}

/** Trains on `sentences`, in an order shuffled by `random` anew for each of `epochs`. */
export function trainPerceptron(
  sentences: readonly TaggedWords[],
  epochs: number,
  random: () => number,
): PerceptronTagger {
  const tags = [...new Set(sentences.flatMap((sentence) => sentence.tags))].toSorted();
  const numbers = new Map(tags.map((tag, number) => [tag, number]));
  const weights = new Map<string, FeatureWeights>();
  const scores = new Float64Array(tags.length);
  const best = (features: readonly string[]): number => {
    scores.fill(0);
    for (const feature of features) {
      const values = weights.get(feature)?.values;
      if (values) for (let tag = 0; tag < scores.length; tag += 1) scores[tag]! += values[tag]!;
    }
    return scores.indexOf(Math.max(...scores));
  };
  const order = sentences.map((_, sentence) => sentence);
  let steps = 0;
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    shuffle(order, random);
    for (const sentence of order) {
      const { words, tags: gold } = sentences[sentence]!;
      const forms = words.map(normalize);
      let [before, last] = [start, start];
      for (let i = 0; i < words.length; i += 1) {
        const features = featuresAt(words, forms, i, last, before);
        const guess = best(features);
        const truth = numbers.get(gold[i]!)!;
        steps += 1;
        if (guess !== truth) {
          for (const feature of features) {
            let entry = weights.get(feature);
            if (!entry) weights.set(feature, (entry = emptyWeights(tags.length)));
            change(entry, truth, 1, steps);
            change(entry, guess, -1, steps);
          }
        }
        [before, last] = [last, tags[guess]!];
      }
    }
  }
  for (const { values, totals, changedAt } of weights.values()) {
    for (let tag = 0; tag < values.length; tag += 1) {
      values[tag] = (totals[tag]! + (steps - changedAt[tag]!) * values[tag]!) / steps;
    }
  }
  return {
    tag(words) {
      const forms = words.map(normalize);
      let [before, last] = [start, start];
      return words.map((_, i) => {
        const tag = tags[best(featuresAt(words, forms, i, last, before))]!;
        [before, last] = [last, tag];
        return tag;
      });
    },
  };
}

const start = "-start-";

function emptyWeights(tags: number): FeatureWeights {
  return { values: new Float64Array(tags), totals: new Float64Array(tags), changedAt: new Int32Array(tags) };
}

function change({ values, totals, changedAt }: FeatureWeights, tag: number, by: number, step: number): void {
  totals[tag]! += (step - changedAt[tag]!) * values[tag]!;
  changedAt[tag] = step;
  values[tag]! += by;
}

function normalize(word: string): string {
  return word.toLowerCase().replace(/\d/g, "0");
}

function featuresAt(
  words: readonly string[],
  forms: readonly string[],
  i: number,
  last: string,
  before: string,
): string[] {
  const word = words[i]!;
  const form = forms[i]!;
  const at = (place: number): string => forms[place] ?? (place < 0 ? start : "-end-");
  const shape = word
    .replace(/\p{Lu}+/gu, "X")
    .replace(/\p{Ll}+/gu, "x")
    .replace(/\d+/g, "0");
  return [
    "bias",
    `w ${form}`,
    `W ${word}`,
    `s1 ${form.slice(-1)}`,
    `s2 ${form.slice(-2)}`,
    `s3 ${form.slice(-3)}`,
    `s4 ${form.slice(-4)}`,
    `p1 ${form.slice(0, 1)}`,
    `p2 ${form.slice(0, 2)}`,
    `p3 ${form.slice(0, 3)}`,
    `shape ${shape}`,
    `first shape ${i === 0} ${shape}`,
    `t-1 ${last}`,
    `t-2 t-1 ${before} ${last}`,
    `t-1 w ${last} ${form}`,
    `w-1 ${at(i - 1)}`,
    `w-1 w ${at(i - 1)} ${form}`,
    `s-1 ${at(i - 1).slice(-3)}`,
    `w-2 ${at(i - 2)}`,
    `w+1 ${at(i + 1)}`,
    `w w+1 ${form} ${at(i + 1)}`,
    `s+1 ${at(i + 1).slice(-3)}`,
    `w+2 ${at(i + 2)}`,
  ];
}

function shuffle(order: number[], random: () => number): void {
  for (let i = order.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
}
