import { describe, expect, it } from "vitest";
import { formatText } from "./text-report.ts";
import { exampleAccuracy, exampleSpeed, exampleStart } from "./text-result.fixture.ts";

describe("formatText()", () => {
  it("tells words a second, and how ours compares with each", () => {
    const text = formatText(exampleSpeed);
    expect(text).toContain("the 318 documents of a treebank, 25.1 thousand words");
    expect(text).toMatch(/saccade +50\.3 thousand words\/s {2}500 ms \(490 ms to 520 ms\) {2}first 700 ms\n/);
    expect(text).toMatch(/wink-nlp +502\.9 thousand words\/s .* 0\.10 x/);
    expect(text).toMatch(/compromise .* 2\.00 x/);
  });

  it("tells the parts of a start", () => {
    expect(formatText(exampleStart)).toMatch(/saccade +250 ms .*node 30\.0 ms {2}import 60\.0 ms {2}load 120 ms/);
  });

  it("tells how often each is right, what it has learnt from, and who is missing", () => {
    const text = formatText(exampleAccuracy);
    expect(text).toMatch(/averaged perceptron +gold words 94\.91 % {2}raw text 94\.31 % .* learnt from EWT train/);
    expect(text).toContain("saccade, attention removed: not measured, the model is not here");
  });
});
