import { expect, it } from "vitest";
import { selectCases } from "./select-cases.ts";

it("selectCases() takes the names that match, and throws where none does", () => {
  const cases = [{ name: "gemm/512" }, { name: "gemm/1024" }];
  expect(selectCases(cases, "2$")).toEqual([{ name: "gemm/512" }]);
  expect(selectCases(cases, "")).toEqual(cases);
  expect(() => selectCases(cases, "x")).toThrow(
    new RangeError("Cannot run benchmarks: --only must match a case, x matches none of gemm/512, gemm/1024"),
  );
});
