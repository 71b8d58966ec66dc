import { describe, expect, it } from "vitest";
import { checkGoals } from "./goals.ts";
import { exampleResult } from "./result.fixture.ts";

const find = (claim: string, outcomes: Parameters<typeof checkGoals>[0]): ReturnType<typeof checkGoals>[number] =>
  checkGoals(outcomes).find((goal) => goal.claim.includes(claim))!;

describe("checkGoals()", () => {
  it("compares with the peer of record", () => {
    const result = exampleResult({ name: "gemm/512", ratio: { "onnxruntime-web": 1.6, "jax-js": 1.4 } });
    expect(find("gemm/512: at least 1.5 x onnxruntime-web", [result])).toMatchObject({ measured: "1.60", met: true });
    expect(find("gemm/512: at least 1.5 x jax-js", [result])).toMatchObject({ measured: "1.40", met: false });
  });

  it("says nothing of a case that was not run, or failed, or lacks the peer", () => {
    const missing = { measured: "not measured", met: undefined };
    expect(find("gemm/512: share", [])).toMatchObject(missing);
    expect(find("gemm/512: share", [{ name: "gemm/512", failed: "wrong" }])).toMatchObject(missing);
    expect(find("gemm/512: at least 1.5 x jax-js", [exampleResult({ name: "gemm/512", ratio: {} })])).toMatchObject(
      missing,
    );
  });

  it("holds rates over sizes against each other", () => {
    const rates = [50, 51, 49, 44].map((gflops, i) =>
      exampleResult({ name: `attention/dense/${512 * 2 ** i}`, gflops }),
    );
    expect(find("slowest GFLOP/s", rates)).toMatchObject({ measured: "0.863", met: false });
  });
});
