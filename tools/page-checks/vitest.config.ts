import { defineConfig } from "vitest/config";
import { isolationHeaders } from "../../vitest.shared.ts";

// The tests run in Node and drive Chromium themselves, since pages are to load as they do for a visitor: built, cold,
// with nothing of Vitest in them. The projects bear the names of those that other packages have.
const project = (name: string, headers: Readonly<Record<string, string>>, exclude: readonly string[] = []) => ({
  test: {
    name,
    include: ["src/**/*.test.ts"],
    exclude: [...exclude],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    provide: { headers },
  },
});

export default defineConfig({
  test: {
    projects: [
      project("chromium", isolationHeaders),
      // A GPU is the same without shared memory, and ending its process takes a browser for each case.
      project("chromium-plain", {}, ["src/lose-gpu.test.ts", "src/gpu-tagger.test.ts"]),
    ],
  },
});
