import { describe, expect, test, vi } from "vitest";
import { caught } from "../../test/caught.ts";
import { ModelFileError, type ModelFileErrorCode } from "../errors.ts";
import { findMismatch, longestManifestBytes, parseManifest, writeManifest } from "./manifest.ts";
import { hashInPieces, sha256 } from "./sha256.ts";

const hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"; // of nothing: FIPS 180-4
const config = `{"path":"config.json","bytes":2,"sha256":"${hash}"}`;
const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const listOf = (...files: string[]): string => `{"formatVersion":1,"files":[${files.join()}]}`;

const read = (bytes: Uint8Array): ModelFileError | undefined => caught(() => parseManifest(bytes, "files.json of toy"));

const cases: readonly (readonly [name: string, text: string, code: ModelFileErrorCode, message: string])[] = [
  ["an HTML page", "<html>", "foreign-format", "an HTML page"],
  ["a newer version", '{"formatVersion":3,"files":{}}', "format-too-new", "the file has 3"],
  [
    "files that are an object",
    '{"formatVersion":1,"files":{}}',
    "manifest-invalid",
    '"files" must be an array, it is "{}"',
  ],
  ["no files", '{"formatVersion":1}', "manifest-invalid", '"files" must be an array, it is missing'],
  ["an empty list", listOf(), "manifest-invalid", 'must have config.json, it is "[]"'],
  ["an entry that is a text", listOf('"config.json"'), "manifest-invalid", "must be an object"],
  ["an entry that is null", listOf("null"), "manifest-invalid", "must be an object"],
  [
    "an entry without path",
    listOf(`{"bytes":2,"sha256":"${hash}"}`),
    "manifest-invalid",
    '"path" of a file must be a text',
  ],
  ["a path that leads out", listOf(config.replace("config.json", "../config.json")), "path-refused", "../config.json"],
  ["a file twice", listOf(config, config), "manifest-invalid", "named once"],
  ["itself", listOf(config, config.replace("config.json", "files.json")), "manifest-invalid", "not files.json"],
  ["a negative length", listOf(config.replace(":2", ":-2")), "manifest-invalid", 'must be an integer >= 0, it is "-2"'],
  ["half a byte", listOf(config.replace(":2", ":0.5")), "manifest-invalid", "0.5"],
  ["a length above 2^53", listOf(config.replace(":2", ":9007199254740993")), "manifest-invalid", "must be an integer"],
  ["a length as text", listOf(config.replace(":2", ':"2"')), "manifest-invalid", "must be an integer"],
  ["a short hash", listOf(config.replace(hash, hash.slice(1))), "manifest-invalid", "64 digits of lower-case"],
  ["a hash in capitals", listOf(config.replace(hash, hash.toUpperCase())), "manifest-invalid", "64 digits"],
  [
    "no hash",
    listOf('{"path":"config.json","bytes":2}'),
    "manifest-invalid",
    '"sha256" of config.json must be 64 digits of lower-case hexadecimal, it is missing',
  ],
];

describe("parseManifest() refuses", () => {
  test.each(cases)("%s", (_name, text, code, message) => {
    const error = read(encode(text));
    expect(error).toMatchObject({ code });
    expect(error?.message).toContain(message);
  });

  test("more than a megabyte", () => {
    expect(read(new Uint8Array(longestManifestBytes + 1))?.message).toContain("at most 1048576 bytes");
  });
});

test("parseManifest() reads what writeManifest() wrote", async () => {
  const files = new Map([
    ["config.json", encode("{}")],
    ["a/b.txt", encode("")],
  ]);
  const entries = parseManifest(await writeManifest(files), "files.json");
  expect([...entries.keys()]).toEqual(["a/b.txt", "config.json"]);
  expect(entries.get("a/b.txt")).toEqual({ path: "a/b.txt", bytes: 0, sha256: hash });
  for (const [path, bytes] of files) expect(await findMismatch(bytes, entries.get(path)!)).toBeUndefined();
  await expect(writeManifest([["../x", encode("")]])).rejects.toThrow(ModelFileError);
});

test("sha256() gives the values of FIPS 180-4, with WebCrypto and without, of views and of shared memory", async () => {
  const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  expect(await sha256(encode("abc"))).toBe(abc);
  expect(await hashInPieces(encode("abc"))).toBe(abc);
  expect(await hashInPieces(new Uint8Array(0))).toBe(hash);
  const shared = new Uint8Array(new SharedArrayBuffer(5)).subarray(1, 4);
  shared.set(encode("abc"));
  expect(await sha256(shared)).toBe(abc);
  vi.stubGlobal("crypto", {}); // as in a page that is not a secure context
  expect(await sha256(encode("abc"))).toBe(abc);
  vi.unstubAllGlobals();
  const large = Uint8Array.from({ length: 2_500_000 }, (_, i) => i * 7);
  expect(await hashInPieces(large.subarray(3))).toBe(await sha256(large.subarray(3)));
});
