import { expect, it } from "vitest";
import { parseTorchRun } from "./torch-run.ts";

it("parseTorchRun() takes what the script prints and nothing else", () => {
  const run = {
    torch: "2.11.0",
    device: "card",
    nominalGflops: null,
    cases: [{ name: "gemm/512", form: "matmul", ms: 1, error: 0 }],
  };
  expect(parseTorchRun(JSON.stringify(run))).toEqual(run);
  for (const wrong of ["{}", '{"torch":"2","device":"card","cases":[{"name":1}]}']) {
    expect(() => parseTorchRun(wrong)).toThrow("Cannot read figures of PyTorch");
  }
});
