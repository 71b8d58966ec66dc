import { describe, expect, test } from "vitest";
import { memoryCache } from "../../test/memory-cache.ts";
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

describe("openModel() with a reader", () => {
  test("hands it paths and the signal, and takes a Buffer for the bytes that it is", async () => {
    const files = await packModel(parts);
    const seen: string[] = [];
    const { signal } = new AbortController();
    const model = await openModel(
      async (path, within) => {
        seen.push(path);
        expect(within).toBe(signal);
        return Buffer.from(files[path]!);
      },
      { signal },
    );
    const bytes = await model.bytes("more/bytes.bin", signal);
    expect(bytes.constructor).toBe(Uint8Array);
    expect(bytes).toEqual(Uint8Array.of(1, 2, 3));
    expect(seen).toEqual(["files.json", "config.json", "more/bytes.bin"]);
  });

  test("hands on its errors, and refuses what is no bytes or too many", async () => {
    const error = new Error("no such luck");
    await expect(openModel(() => Promise.reject(error))).rejects.toBe(error);
    await expect(openModel(async () => "text" as unknown as Uint8Array)).rejects.toThrow(
      "Cannot read files.json of the reader: the reader must give a Uint8Array, it gave text",
    );
    await expect(openModel(async () => new Uint8Array(2_000_000))).rejects.toThrow(
      "at most 1048576 bytes, it has 2000000",
    );
  });

  test("keeps what it gave in a cache, if one is given", async () => {
    const files = await packModel(parts);
    const cache = memoryCache();
    let reads = 0;
    const reader = async (path: string): Promise<Uint8Array> => {
      reads += 1;
      return files[path]!;
    };
    for (const expected of [3, 4]) {
      const model = await openModel(reader, { cache });
      await model.weights();
      expect(reads).toBe(expected);
    }
  });
});

test("openModel() says what it cannot give", async () => {
  const { weights: _weights, ...rest } = parts;
  const model = await openModel(await packModel({ ...rest, files: { latin1: Uint8Array.of(0x67, 0xfc) } }));
  await expect(model.text("latin1")).rejects.toThrow("Cannot read latin1 of text/toy: a text must be UTF-8, it is not");
  await expect(model.weights()).rejects.toThrow(
    'Cannot read model.safetensors of text/toy: it must be one of "README.md, config.json, latin1", it is not',
  );
  await expect(model.bytes("constructor")).rejects.toMatchObject({ code: "file-missing" });
  await expect(openModel({})).rejects.toThrow("Cannot read files.json: it must be among the given files, it is not");
});

test("packModel() refuses what could not be read again", async () => {
  const pack = (config: Record<string, unknown>): Promise<unknown> => packModel({ config: { name: "toy", ...config } });
  await expect(pack({ a: { rate: Number.NaN } })).rejects.toThrow('"rate" is NaN');
  await expect(pack({ a: new Map() })).rejects.toThrow('"a" is [object Map]');
  await expect(pack({ a: Float32Array.of(1) })).rejects.toThrow(TypeError);
  await expect(pack({ a: 1n })).rejects.toThrow(TypeError);
  await expect(pack({ a: () => 1 })).rejects.toThrow(TypeError);
  await expect(pack({ name: "" })).rejects.toThrow(ModelFileError);
  await expect(pack({ constructor: 1 })).rejects.toThrow(ModelFileError);
  await expect(packModel({ ...parts, files: { "files.json": "" } })).rejects.toThrow(RangeError);
  await expect(packModel({ ...parts, files: { "config.json": "" } })).rejects.toThrow(
    "must not have config.json, which is made here",
  );
  await expect(packModel({ ...parts, files: { "../x": "" } })).rejects.toMatchObject({ code: "path-refused" });
});

test("packModel() gives the same bytes for the configuration of a model that was opened", async () => {
  const files = await packModel(parts);
  const { config } = await openModel(files);
  expect(await packModel({ ...parts, config: config as typeof parts.config })).toEqual(files);
});
