import { describe, expect, it } from "vitest";
import { createRandom } from "../random.ts";
import { type TaggedWords, trainPerceptron } from "./perceptron.ts";

const examples: readonly TaggedWords[] = [
  { words: ["I", "saw", "a", "saw"], tags: ["PRON", "VERB", "DET", "NOUN"] },
  { words: ["You", "walk", "a", "walk"], tags: ["PRON", "VERB", "DET", "NOUN"] },
  { words: ["They", "talk"], tags: ["PRON", "VERB"] },
];

describe("trainPerceptron()", () => {
  it("tells words of one form apart by the tags before them, also of words that it has not seen", () => {
    const tagger = trainPerceptron(examples, 10, createRandom(1));
    for (const { words, tags } of examples) expect(tagger.tag(words)).toEqual(tags);
    expect(tagger.tag(["I", "fish", "a", "fish"])).toEqual(["PRON", "VERB", "DET", "NOUN"]);
  });

  it("learns the same from the same seed", () => {
    const [one, other] = [1, 1].map((seed) => trainPerceptron(examples, 2, createRandom(seed)));
    const words = ["We", "park", "a", "car", "beside", "a", "park"];
    expect(one?.tag(words)).toEqual(other?.tag(words));
  });
});
