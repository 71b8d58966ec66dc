// The page and the worker of the root README, in a browser.

import { expect, test, vi } from "vitest";

test("the page of README.md shows what its worker computed", async () => {
  // Not by a literal: the file is there only once `vitest.config.ts` has written it.
  const page = "../generated/root/page.ts";
  await import(/* @vite-ignore */ page);
  const result = document.querySelector("output")!;
  await vi.waitFor(() => expect(result.textContent).not.toBe(""), 30_000);
  const sums = result.textContent.replace("attention received: ", "").split(" ").map(Number);
  expect(sums.length).toBe(6);
  expect(sums.reduce((sum, each) => sum + each, 0)).toBeCloseTo(6, 0);
  document.querySelector("button")!.click();
});
