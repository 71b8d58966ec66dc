// The page of the root README, from packages as npm would install them.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { readExamples } from "../../readme-examples/src/write-examples.ts";
import { installPackages } from "./install-packages.ts";
import { launchBrowser, serveBuilt, serveSource, type Site } from "./serve.ts";

let root: string;
let browser: Browser;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "saccade-app-"));
  writeFileSync(join(root, "index.html"), `<!doctype html><script type="module" src="./page.ts"></script>`);
  for (const { place, browser: name, code } of readExamples()) {
    if (place.startsWith("README.md:") && name !== null) writeFileSync(join(root, name), code);
  }
  installPackages(root, ["attention-core", "model-files", "pipeline", "text-tokens", "worker-bridge"]);
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  rmSync(root, { recursive: true });
});

test.each([
  ["in Vite's dev server", () => serveSource(root, inject("headers"))],
  ["built by Vite", () => serveBuilt(root, ["index.html"], inject("headers"))],
])("the page of README.md runs from installed packages, %s", async (_where, serve: () => Promise<Site>) => {
  const site = await serve();
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(site.address);
    // The dev server reloads the page when it has found out what to optimize.
    await page.waitForFunction(() => document.querySelector("output")?.textContent);
    expect(await page.textContent("output")).toBe("I/PRON saw/VERB a/DET saw/NOUN");
    await page.fill("input", "We saw");
    await page.waitForFunction(() => document.querySelector("output")?.textContent?.startsWith("We/"));
    await page.click("button");
    expect(errors).toEqual([]);
  } finally {
    await context.close();
    await site.close();
  }
});
