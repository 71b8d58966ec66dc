// The pages of the READMEs and their workers, in a browser.

import { expect, test, vi } from "vitest";

// The files are there only once `vitest.config.ts` has written them, so their names are no literals.
const pages = { tagger: "../generated/root/page.ts", attention: "../generated/attention-core/page.ts" };

/** Opens a page and waits for what it shows first. */
async function open(page: string): Promise<HTMLOutputElement> {
  document.body.replaceChildren();
  await import(/* @vite-ignore */ page);
  const result = document.querySelector("output")!;
  await vi.waitFor(() => expect(result.textContent).not.toBe(""), 30_000);
  return result;
}

test("the page of README.md shows the words' tags, follows what is typed, and closes", async () => {
  const result = await open(pages.tagger);
  expect(result.textContent).toBe("I/PRON saw/VERB a/DET saw/NOUN");
  const input = document.querySelector("input")!;
  for (const text of ["We", "We can", "We can can"]) {
    input.value = text;
    input.dispatchEvent(new Event("input"));
  }
  await vi.waitFor(() => expect(result.textContent).toMatch(/^We\/PRON can\/\w+ can\/\w+$/), 30_000);
  document.querySelector("button")!.click();
});

test("the page of packages/attention-core/README.md shows what its worker computed", async () => {
  const result = await open(pages.attention);
  const sums = result.textContent.replace("attention received: ", "").split(" ").map(Number);
  expect(sums.length).toBe(6);
  expect(sums.reduce((sum, each) => sum + each, 0)).toBeCloseTo(6, 0);
  document.querySelector("button")!.click();
});
