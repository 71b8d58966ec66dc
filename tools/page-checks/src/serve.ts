// Sites as visitors and authors get them: built by Vite and served, or from its dev server, with the headers of a project.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright";
import { build, createServer, preview } from "vite";
import { chromiumArguments, chromiumPath } from "../../../vitest.shared.ts";

/** HTTP headers of all answers. */
export type Headers = Readonly<Record<string, string>>;

declare module "vitest" {
  interface ProvidedContext {
    readonly headers: Headers;
  }
}

/** A site that is served. */
export interface Site {
  /** Ends with a slash. */
  readonly address: string;
  close(): Promise<void>;
}

const shared = { configFile: false, logLevel: "error" } as const;

/** Builds the named pages of the folder `root` with Vite's defaults, and serves them. */
export async function serveBuilt(root: string, pages: readonly string[], headers: Headers): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), "saccade-site-"));
  const output = { outDir: folder, emptyOutDir: true };
  const input = pages.map((page) => join(root, page));
  await build({ ...shared, root, build: { ...output, rolldownOptions: { input } } });
  const server = await preview({ ...shared, root, build: output, preview: { port: 0, headers: { ...headers } } });
  return {
    address: server.resolvedUrls!.local[0]!,
    async close() {
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Serves the folder `root` as it is while someone works on it. */
export async function serveSource(root: string, headers: Headers): Promise<Site> {
  const server = await createServer({ ...shared, root, server: { port: 0, headers: { ...headers } } });
  await server.listen();
  return { address: server.resolvedUrls!.local[0]!, close: () => server.close() };
}

/** The Chromium of the other tests, without Vitest in it. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await chromiumPath(), args: [...chromiumArguments] });
}
