import { expect, test } from "vitest";
import { ModelFileError } from "../errors.ts";
import type { Weights } from "../weights/read-weights.ts";
import { openModel } from "./open-model.ts";
import { packModel } from "./pack-model.ts";

const weights: Weights = new Map([
  ["embedding", { values: Float32Array.of(1, 2, 3, 4), shape: [2, 2] }],
  ["bias", { values: Float32Array.of(0.5, -0.5), shape: [2] }],
]);
const parts = {
  config: { name: "text/toy", labels: ["a", "b"] },
  weights,
  card: "# A toy\n",
  files: { "vocabulary.txt": "eins\nzwei\n", "more/bytes.bin": Uint8Array.of(1, 2, 3) },
};

test("openModel() opens what packModel() packed", async () => {
  const model = await openModel(await packModel(parts));
  expect(model.name).toBe("text/toy");
  expect(model.config).toEqual({ formatVersion: 1, name: "text/toy", labels: ["a", "b"] });
  expect(await model.weights()).toEqual(new Map([...weights].sort(([a], [b]) => (a < b ? -1 : 1))));
  expect(await model.text("vocabulary.txt")).toBe("eins\nzwei\n");
  expect(await model.bytes("more/bytes.bin")).toEqual(Uint8Array.of(1, 2, 3));
  expect(model.files.map(({ path }) => path)).toEqual([
    "README.md",
    "config.json",
    "model.safetensors",
    "more/bytes.bin",
    "vocabulary.txt",
  ]);
});

test("openModel() names model and file when a byte is wrong, and what it expected", async () => {
  const files = await packModel(parts);
  for (const [path, bytes] of Object.entries(files)) {
    if (path === "files.json") continue;
    for (const spoilt of [bytes.slice(1), bytes.map((byte, i) => (i === 1 ? byte ^ 1 : byte))]) {
      const read = async (): Promise<unknown> => (await openModel({ ...files, [path]: spoilt })).bytes(path);
      const error = await read().catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ModelFileError);
      const { code, file, message } = error as ModelFileError;
      expect(code).toBe(spoilt.length === bytes.length ? "hash-mismatch" : "length-mismatch");
      expect(file).toBe(path === "config.json" ? "config.json of the given files" : `${path} of text/toy`);
      expect(message).toMatch(/must (have|be) [0-9a-f]+( bytes)?, it (has|is) [0-9a-f]+$/);
    }
  }
});
