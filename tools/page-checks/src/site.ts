// The site as it would be deployed: built by Vite from the built packages, and served with the headers of a project.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright";
import { build, preview } from "vite";
import { chromiumArguments, chromiumPath } from "../../../vitest.shared.ts";

/** A site that is served, and a browser for it. */
export interface Site {
  /** Ends with a slash. */
  readonly address: string;
  readonly browser: Browser;
  close(): Promise<void>;
}

const root = fileURLToPath(new URL("../site", import.meta.url));
const pages = ["tagger", "idle"];

/** Builds the pages with Vite's defaults and serves them with `headers`. */
export async function openSite(headers: Readonly<Record<string, string>>): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "saccade-site-"));
  const shared = { configFile: false, root, logLevel: "error" } as const;
  await build({
    ...shared,
    worker: { format: "es" },
    build: {
      target: "es2023", // top-level await
      outDir: folder,
      emptyOutDir: true,
      rolldownOptions: { input: pages.map((page) => join(root, `${page}.html`)) },
    },
  });
  const server = await preview({ ...shared, build: { outDir: folder }, preview: { port: 0, headers: { ...headers } } });
  const browser = await chromium.launch({ executablePath: await chromiumPath(), args: [...chromiumArguments] });
  return {
    address: server.resolvedUrls!.local[0]!,
    browser,
    async close() {
      await browser.close();
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}
