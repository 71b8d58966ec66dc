import { expect, test } from "vitest";
import { findPlatformFaults } from "./platform-folders.ts";

test("findPlatformFaults() lets a platform's folder import its platform and what all share", () => {
  const sources = {
    "pixels/image.ts": `export const a = 1;`,
    "node/index.ts": `import { a } from "../pixels/image.ts"; import "node:fs"; export * from "./sharp.ts";`,
    "browser/index.ts": `import { a } from "../pixels/image.ts";`,
  };
  expect(findPlatformFaults("images", sources)).toEqual([]);
});

test("findPlatformFaults() finds planted imports of a platform from elsewhere", () => {
  const sources = {
    "index.ts": `export { decodeImage } from "./node/index.ts";`,
    "browser/index.ts": `import { a } from "../node/sharp.ts"; import "node:fs";`,
    "pixels/image.ts": `const load = () => import("node:fs/promises");`,
  };
  expect(findPlatformFaults("images", sources)).toEqual([
    "images: index.ts must not import ./node/index.ts: it is for node alone",
    "images: browser/index.ts must not import ../node/sharp.ts: it is for node alone",
    "images: browser/index.ts must not import node:fs: only src/node may",
    "images: pixels/image.ts must not import node:fs/promises: only src/node may",
  ]);
});
