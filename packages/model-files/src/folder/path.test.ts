import fc from "fast-check";
import { expect, test } from "vitest";
import { caught } from "../../test/caught.ts";
import { ModelFileError } from "../errors.ts";
import { checkPath } from "./path.ts";

const refused = [
  "",
  ".",
  "..",
  "../x",
  "a/../../x",
  "a/..",
  "a/./b",
  "/etc/passwd",
  "//server/share",
  "\\\\server\\share",
  "a\\..\\b",
  "C:\\x",
  "C:x",
  "c:/x",
  "file:///etc/passwd",
  "https://example.com/x",
  "%2e%2e/x",
  "%2E%2E%2Fx",
  "a%00",
  "a\0.txt",
  "a\n",
  "a b",
  "a//b",
  "a/",
  ".hidden",
  "a/.git/config",
  "~/x",
  "-rf",
  "a.",
  "a./b",
  "a?b",
  "a#b",
  "a*",
  "__proto__",
  "．．/x",
  "é",
  "a".repeat(201),
];

test.each(refused)("checkPath() refuses CF-13 %j", (path) => {
  expect(() => checkPath(path, "files.json")).toThrow(ModelFileError);
  expect(() => checkPath(path, "files.json")).toThrow(/^Cannot use path of files\.json: [\x20-\x7e…]+$/);
});

test.each(["a", "model.safetensors", "README.md", "0/1/2", "a..b", "a-b_c.d", "vocabulary_", "x/constructor"])(
  "checkPath() takes %j",
  (path) => {
    expect(() => checkPath(path, "files.json")).not.toThrow();
  },
);

test("checkPath() takes nothing that leads out of a folder", () => {
  const unit = fc.constantFrom("a", ".", "..", "/", "\\", "%2e", ":", "C", "~", "\0", "?", "#", " ", "-");
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 8 }), (parts) => {
      const path = parts.join("");
      const isTaken = caught(() => checkPath(path, "files.json")) === undefined;
      const resolved = isTaken ? new URL(path, "https://example.com/models/toy/").href : "";
      expect(["", `https://example.com/models/toy/${path}`]).toContain(resolved);
    }),
    { numRuns: 5000 },
  );
});
