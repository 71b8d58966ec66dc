import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cdp } from "vitest/browser";
import { rejected } from "../../test/caught.ts";
import { packToyModel } from "../../test/toy-model.ts";
import { browserCache, type LoadProgress, type ModelNotice, openModel, type OpenModelOptions } from "../index.ts";

const weightsPath = "model.safetensors";
const source = "https://models.example/toy/";
const files = await packToyModel();
let requests: string[] = [];
let notices: ModelNotice[] = [];
let isOnline = true;

/** A server in the page: the answers are real, with streams of a few pieces. */
async function fetchFile(url: URL): Promise<Response> {
  if (!isOnline) throw new TypeError("Failed to fetch");
  const path = url.href.replace(source, "");
  requests.push(path);
  const bytes = files[path];
  if (bytes === undefined) return new Response("<!doctype html>", { status: 404 });
  return new Response(new Blob([new Uint8Array(bytes)]).stream());
}

async function load(more: OpenModelOptions = {}): Promise<Uint8Array> {
  const onNotice = (notice: ModelNotice): void => void notices.push(notice);
  return (await openModel(source, { fetch: fetchFile, onNotice, retries: 0, ...more })).bytes(weightsPath);
}

/** Where the cache has a file. */
async function keyOf(path: string): Promise<string> {
  const { files: entries } = await openModel(files);
  return entries.find((entry) => entry.path === path)!.sha256;
}

beforeEach(() => {
  requests = [];
  notices = [];
  isOnline = true;
});
afterEach(async () => {
  for (const name of await caches.keys()) await caches.delete(name);
});

describe("browserCache()", () => {
  test("keeps bytes under its name, and forgets them", async () => {
    const cache = browserCache("some");
    const key = "0".repeat(64);
    expect(await cache.read(key)).toBeUndefined();
    await cache.write(key, new Uint8Array(10).subarray(2, 5).fill(7));
    expect(await browserCache("some").read(key)).toEqual(Uint8Array.of(7, 7, 7));
    expect(await browserCache("other").read(key)).toBeUndefined();
    await cache.remove(key);
    await cache.remove(key);
    expect(await cache.read(key)).toBeUndefined();
  });
});

describe("openModel() in a page", () => {
  test("takes what it loaded once from the cache, with progress to the end both times", async () => {
    for (const expected of [["files.json", "config.json", weightsPath], ["files.json"]]) {
      const progress: LoadProgress[] = [];
      requests = [];
      expect(await load({ onProgress: (each) => progress.push(each) })).toEqual(files[weightsPath]);
      expect(requests).toEqual(expected);
      const { loadedBytes = 0, totalBytes } = progress.at(-1) ?? {};
      expect(loadedBytes + files["words.txt"]!.length).toBe(totalBytes);
    }
    expect(notices).toEqual([]);
  });

  test.each([
    ["cut short", (bytes: Uint8Array) => bytes.slice(0, 30_000)],
    ["changed", (bytes: Uint8Array) => bytes.with(30_000, bytes[30_000]! ^ 1)],
    ["of another file", () => files["words.txt"]!],
  ])("heals a cache entry that is %s with one download", async (_name, spoil) => {
    await load();
    requests = [];
    await browserCache().write(await keyOf(weightsPath), spoil(files[weightsPath]!));
    expect(await load()).toEqual(files[weightsPath]);
    expect(requests).toEqual(["files.json", weightsPath]);
    expect(notices.map(({ kind }) => kind)).toEqual(["cache-healed"]);
    expect(await browserCache().read(await keyOf(weightsPath))).toEqual(files[weightsPath]);
  });

  test("opens from the cache when there is no network", async () => {
    await load();
    isOnline = false;
    expect(await load()).toEqual(files[weightsPath]);
    expect(notices.map(({ kind }) => kind)).toEqual(["offline"]);
    await caches.delete("saccade-models");
    expect(await rejected(load())).toMatchObject({ code: "fetch-failed" });
  });

  test("does without the cache when the quota is used up, and says so", async () => {
    const session = cdp();
    await session.send("Storage.overrideQuotaForOrigin", { origin: location.origin, quotaSize: 20_000 });
    try {
      expect(await load()).toEqual(files[weightsPath]);
      expect(notices).toMatchObject([{ kind: "cache-unavailable" }]);
      expect(notices[0]!.reason).toContain("QuotaExceededError");
    } finally {
      await session.send("Storage.overrideQuotaForOrigin", { origin: location.origin });
    }
  });

  test("refuses an address of a file on disk", async () => {
    const error = await rejected(openModel("file:///models/toy/"));
    expect(error).toMatchObject({ code: "file-unreadable" });
    expect(error?.message).toContain("only Node reads file: URLs");
  });

  test("takes a relative address from where the page is", async () => {
    const seen: string[] = [];
    const fetchNoting = async (url: URL): Promise<Response> => {
      seen.push(url.href);
      return new Response(null, { status: 404 });
    };
    await rejected(openModel("./models/toy", { fetch: fetchNoting }));
    expect(seen).toEqual([new URL("./models/toy/files.json", location.href).href]);
  });

  test("opens files of its own by address", async () => {
    const set = Object.fromEntries(
      Object.entries(files).map(([path, bytes]) => [path, URL.createObjectURL(new Blob([new Uint8Array(bytes)]))]),
    );
    const model = await openModel(set);
    expect((await model.weights()).get("embedding")!.values).toHaveLength(20_000);
  });

  test("opens a model in a worker, from the page's cache", async () => {
    await load();
    const worker = new Worker(new URL("../../test/open-in-worker.ts", import.meta.url), { type: "module" });
    const answer = await new Promise((resolve, reject) => {
      worker.addEventListener("message", ({ data }) => resolve(data));
      worker.addEventListener("error", (event) => reject(new Error(event.message)));
      worker.postMessage("open");
    });
    worker.terminate();
    expect(answer).toEqual({ tensors: 1, kinds: ["offline"] });
  });
});
