import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rejected } from "../../test/caught.ts";
import { packToyModel } from "../../test/toy-model.ts";
import { openModel } from "../index.ts";
import { directoryCache, openModelDirectory, writeModelDirectory } from "./index.ts";

const files = await packToyModel();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "model files é%20-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("openModelDirectory()", () => {
  beforeEach(async () => writeModelDirectory(folder, files));

  test("opens what writeModelDirectory() wrote, by path and by URL, and leaves nothing else behind", async () => {
    for (const model of [await openModelDirectory(folder), await openModel(pathToFileURL(`${folder}/`))]) {
      expect(model.name).toBe("text/toy");
      expect((await model.weights()).get("embedding")!.values).toHaveLength(20_000);
      expect(await model.text("words.txt")).toBe("eins\nzwei\n");
    }
    expect(readdirSync(folder).sort()).toEqual([
      "README.md",
      "config.json",
      "files.json",
      "model.safetensors",
      "words.txt",
    ]);
  });

  test("opens files by path, some of them addresses", async () => {
    const address = (path: string): string => pathToFileURL(join(folder, path)).href;
    const set = Object.fromEntries(Object.keys(files).map((path) => [path, address(path)]));
    const model = await openModel({
      ...set,
      "config.json": new URL(address("config.json")),
      "words.txt": files["words.txt"]!,
    });
    expect((await model.weights()).size).toBe(1);
    expect(await model.text("words.txt")).toBe("eins\nzwei\n");
  });

  test("says which file is missing", async () => {
    rmSync(join(folder, "model.safetensors"));
    const model = await openModelDirectory(folder);
    const error = await rejected(model.weights());
    expect(error).toMatchObject({ code: "file-missing", file: "model.safetensors of text/toy" });
    expect(error?.message).toMatch(/must be a file to read, there is none$/);
    const nowhere = await rejected(openModelDirectory(join(folder, "nowhere")));
    expect(nowhere).toMatchObject({ code: "file-missing" });
    expect(nowhere?.message).toContain("nowhere/files.json must be a file to read");
  });

  test("finds a file that was cut short or changed", async () => {
    const path = join(folder, "model.safetensors");
    const model = await openModelDirectory(folder);
    const bytes = readFileSync(path);
    bytes[40_000]! ^= 1;
    writeFileSync(path, bytes);
    expect(await rejected(model.weights())).toMatchObject({ code: "hash-mismatch" });
    truncateSync(path, 40_000);
    const short = await rejected(model.weights());
    expect(short?.message).toMatch(/it must have 80\d\d\d bytes, it has 40000$/);
    writeFileSync(path, Buffer.alloc(90_000));
    expect((await rejected(model.weights()))?.message).toMatch(/of at most 80\d\d\d bytes, it has 90000$/);
  });

  test("reads neither pipes, nor devices, nor folders", async () => {
    const path = join(folder, "words.txt");
    const model = await openModelDirectory(folder);
    rmSync(path);
    execFileSync("mkfifo", [path]);
    expect(await rejected(model.text("words.txt"))).toMatchObject({ code: "file-unreadable" });
    rmSync(path);
    symlinkSync("/dev/zero", path);
    expect(await rejected(model.text("words.txt"))).toMatchObject({ code: "file-unreadable" });
    rmSync(path);
    mkdirSync(path);
    expect(await rejected(model.text("words.txt"))).toMatchObject({ code: "file-unreadable" });
  });

  test("does not leave its folder", async () => {
    const model = await openModelDirectory(folder);
    for (const path of ["../x", "/etc/passwd", "C:\\x", "%2e%2e/x", "a\0"]) {
      expect(await rejected(model.bytes(path))).toMatchObject({ code: "path-refused" });
    }
    expect(await rejected(model.bytes("other.txt"))).toMatchObject({ code: "file-missing" });
    expect(await rejected(writeModelDirectory(folder, { "../x": new Uint8Array(1) }))).toMatchObject({
      code: "path-refused",
    });
  });

  test("stops when its signal does", async () => {
    const reason = new Error("stop");
    const model = await openModelDirectory(folder);
    await expect(openModelDirectory(folder, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(model.weights(AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  test("takes a new version over an old one", async () => {
    const next = await packToyModel(2);
    await writeModelDirectory(folder, next);
    expect(await (await openModelDirectory(folder)).bytes("model.safetensors")).toEqual(next["model.safetensors"]!);
  });
});

test("openModel() takes no path for a URL", async () => {
  for (const path of ["models/toy", "./models", "C:\\models", "/models"]) {
    await expect(openModel(path)).rejects.toThrow(
      /a text must be a URL.*openModelDirectory of @saccade\/model-files\/node$/,
    );
  }
  await expect(openModel(1 as unknown as string)).rejects.toThrow(TypeError);
  await expect(openModel(null as unknown as string)).rejects.toThrow(TypeError);
});

describe("directoryCache()", () => {
  const key = "0".repeat(64);
  const other = "1".repeat(64);
  let path: string;
  beforeEach(() => {
    path = join(folder, "deep", "cache");
  });

  test("keeps bytes, and forgets them", async () => {
    const cache = directoryCache(path);
    expect(await cache.read(key)).toBeUndefined();
    await cache.remove(key);
    await cache.write(key, Uint8Array.of(1, 2));
    await cache.write(key, Uint8Array.of(3));
    expect(new Uint8Array((await directoryCache(path).read(key))!)).toEqual(Uint8Array.of(3));
    expect(readdirSync(path)).toEqual([key]);
    await cache.remove(key);
    expect(await cache.read(key)).toBeUndefined();
  });

  test("takes no key that is a path", async () => {
    const cache = directoryCache(path);
    await expect(cache.write("../x", new Uint8Array(1))).rejects.toThrow(RangeError);
    await expect(cache.read("../x")).rejects.toThrow(RangeError);
    await expect(cache.remove("../x")).rejects.toThrow(RangeError);
  });

  test("neither reads nor writes through a link that lies in its place", async () => {
    const cache = directoryCache(path);
    await cache.write(other, Uint8Array.of(1));
    const outside = join(folder, "outside");
    writeFileSync(outside, "untouched");
    symlinkSync(outside, join(path, key));
    expect(await cache.read(key)).toBeUndefined();
    await cache.write(key, Uint8Array.of(2));
    expect(readFileSync(outside, "utf8")).toBe("untouched");
    expect(new Uint8Array((await cache.read(key))!)).toEqual(Uint8Array.of(2));
  });

  test("removes what a killed process left, after a day", async () => {
    await directoryCache(path).write(other, Uint8Array.of(1));
    const [old, young] = [join(path, `${key}.a.tmp`), join(path, `${key}.b.tmp`)];
    writeFileSync(old, "");
    writeFileSync(young, "");
    utimesSync(old, 0, 0);
    await directoryCache(path).write(other, Uint8Array.of(1));
    expect(readdirSync(path).sort()).toEqual([`${key}.b.tmp`, other]);
  });

  test("rejects where nothing can be written, and leaves nothing", async () => {
    writeFileSync(join(folder, "deep"), "a file in the way");
    await expect(directoryCache(path).write(key, new Uint8Array(1))).rejects.toThrow(/ENOTDIR|EEXIST/);
    await expect(directoryCache("/dev/full/cache").write(key, new Uint8Array(1))).rejects.toThrow("ENOTDIR");
    rmSync(join(folder, "deep"));
    mkdirSync(join(path, key), { recursive: true });
    await expect(directoryCache(path).write(key, new Uint8Array(1))).rejects.toThrow(/EISDIR|ENOTEMPTY/);
    expect(readdirSync(path)).toEqual([key]);
  });
});
