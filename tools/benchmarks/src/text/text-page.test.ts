import { describe, expect, it } from "vitest";
import { textLosses, textSections } from "./text-page.ts";
import { exampleAccuracy, exampleSpeed, exampleStart } from "./text-result.fixture.ts";

describe("textSections()", () => {
  const page = textSections([exampleSpeed, exampleStart, exampleAccuracy]).join("\n\n");

  it("has a table for each case", () => {
    expect(page).toContain("| wink-nlp | 502.9 thousand | 50.0 ms | 48.0 ms to 55.0 ms | 90.0 ms | 0.10 x |");
    expect(page).toContain("| saccade | 250 ms | 240 ms to 270 ms | 30.0 ms | 60.0 ms | 120 ms | 30.0 ms |");
    expect(page).toContain("| averaged perceptron | 94.91 % | 94.31 % | 99.40 % | EWT train |");
  });

  it("says who has learnt from the same treebank, and who was not measured", () => {
    expect(page).toContain("have learnt from the training part of the same treebank");
    expect(page).toContain("- saccade, attention removed was not measured: the model is not here");
  });

  it("is empty where nothing was run", () => {
    expect(textSections([{ name: "text/accuracy", skipped: "no data" }])).toEqual([]);
  });
});

describe("textLosses()", () => {
  it("names who is faster, sooner, or better", () => {
    expect(textLosses([exampleSpeed, exampleStart, exampleAccuracy])).toEqual([
      "`text/upos/words-per-second`: wink-nlp is faster, 0.10 x",
      "`text/upos/cold-start`: wink-nlp answers sooner, after 200 ms",
      "`text/accuracy`: averaged perceptron is better on splitting, 99.40 %",
    ]);
  });
});
