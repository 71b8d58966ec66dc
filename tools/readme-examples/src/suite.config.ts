// How an example that is a suite of tests is run: over the packages' source.
import { defineConfig } from "vitest/config";

const conditions = ["@saccade/source", "module", "node", "development|production", "import", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { include: ["generated/**/*.test.ts"], testTimeout: 60_000 },
});
