import { describe, expect, it } from "vitest";
import { checkTextGoals } from "./text-goals.ts";
import { exampleAccuracy, exampleSpeed, exampleStart } from "./text-result.fixture.ts";

const find = (claim: string, ...outcomes: Parameters<typeof checkTextGoals>[0]): unknown =>
  checkTextGoals(outcomes).find((goal) => goal.claim.includes(claim));

describe("checkTextGoals()", () => {
  it("compares speed with compromise", () => {
    expect(find("faster than compromise", exampleSpeed)).toMatchObject({ measured: "2.00", met: true });
    const [ours, wink] = exampleSpeed.taggers;
    const without = { ...exampleSpeed, taggers: [ours!, wink!] };
    expect(find("faster than compromise", without)).toMatchObject({ measured: "not measured", met: undefined });
  });

  it("holds the start against 300 ms", () => {
    expect(find("300 ms", exampleStart)).toMatchObject({ measured: "250", met: true });
  });

  it("holds accuracy against its bounds and the perceptron", () => {
    expect(find("95.2 %", exampleAccuracy)).toMatchObject({ measured: "95.37", met: true });
    expect(find("93.5 %", exampleAccuracy)).toMatchObject({ measured: "94.71", met: true });
    expect(find("perceptron", exampleAccuracy)).toMatchObject({ measured: "0.46", met: true });
    expect(find("95.2 %")).toMatchObject({ met: undefined });
  });
});
