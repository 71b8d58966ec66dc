import { expect, test } from "vitest";
import { findFolderFaults } from "./core-folders.ts";

test("findFolderFaults() lets a backend import the root folder and itself", () => {
  const sources = {
    "backend.ts": `import type { Shape } from "./tensor.ts";`,
    "reference/index.ts": `import { x } from "../backend.ts"; export { y } from "./ops.ts";`,
    "wasm/deep/loader.ts": `import { z } from "../index.ts"; import "node:fs";`,
  };
  expect(findFolderFaults(sources)).toEqual([]);
});

test("findFolderFaults() finds planted imports between backends, of any form", () => {
  const sources = {
    "wasm/linear.ts": `import { linear } from "../reference/linear.ts";`,
    "wasm/types.ts": `import type { Linear } from "../reference/linear.ts";`,
    "wasm/lazy.ts": `export const load = (): Promise<unknown> => import("../reference/index.ts");`,
    "reference/index.ts": `export * from "../wasm/index.ts";`,
  };
  expect(findFolderFaults(sources)).toHaveLength(4);
});

test("findFolderFaults() finds a file outside the backends that imports one", () => {
  const sources = {
    "index.ts": `export { a } from "./reference/index.ts";`,
    "encoder/layer.ts": `import "../wasm/index.ts";`,
  };
  expect(findFolderFaults(sources)).toEqual([
    "index.ts must not import ./reference/index.ts: it is inside the backend reference",
    "encoder/layer.ts must not import ../wasm/index.ts: it is inside the backend wasm",
  ]);
});
