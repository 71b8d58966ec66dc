// Models over HTTP, from a server that cuts, swaps, stalls and answers with pages.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FileCache, type LoadProgress, type ModelNotice, openModel, type OpenModelOptions } from "../src/index.ts";
import { rejected } from "./caught.ts";
import { breakOff, type FileServer, serveFiles } from "./file-server.ts";
import { memoryCache } from "./memory-cache.ts";
import { packToyModel } from "./toy-model.ts";

const weightsPath = "model.safetensors";
const files = await packToyModel();
const weightBytes = files[weightsPath]!;
let server: FileServer;
let notices: ModelNotice[] = [];

beforeEach(async () => {
  server = await serveFiles(files);
  notices = [];
});
afterEach(async () => server[Symbol.asyncDispose]());

function optionsWith(more: OpenModelOptions = {}): OpenModelOptions {
  return { cache: null, onNotice: (notice) => notices.push(notice), retries: 1, ...more };
}

const kinds = (): string[] => notices.map(({ kind }) => kind);

test("openModel() loads over HTTP, with progress that only rises and ends at all bytes", async () => {
  const progress: LoadProgress[] = [];
  const model = await openModel(server.url, optionsWith({ onProgress: (each) => progress.push(each) }));
  expect((await model.weights()).get("embedding")!.shape).toEqual([200, 100]);
  expect(await model.text("words.txt")).toBe("eins\nzwei\n");
  expect(await model.text("README.md")).toBe("# Toy, version 1\n");
  const total = model.files.filter(({ path }) => path !== "README.md").reduce((sum, { bytes }) => sum + bytes, 0);
  const loaded = progress.map(({ loadedBytes }) => loadedBytes);
  expect(loaded).toEqual([...loaded].sort((a, b) => a - b));
  expect(progress.at(-1)).toEqual({ path: "words.txt", loadedBytes: total, totalBytes: total });
  expect(notices).toEqual([]);
});

test("openModel() takes the folder with and without slash, as text, and forgets query and fragment", async () => {
  const { href } = server.url;
  for (const source of [href, `${href}/`, `${href}?a=1#b`]) {
    expect((await openModel(source, optionsWith())).name).toBe("text/toy");
  }
});

describe("a connection that breaks", () => {
  const cuts = Array.from({ length: 16 }, (_, i) => Math.floor((i * weightBytes.length) / 16));

  test.each([weightBytes.length, undefined])(
    "at 16 points is tried again; the length that it gave: %s",
    async (length) => {
      const loadOverCut = async (cut: number): Promise<unknown> => {
        await using own = await serveFiles(files);
        own.fault = (path, nth, response, bytes) => {
          if (path !== weightsPath || nth > 1) return false;
          breakOff(response, bytes!.subarray(0, cut), length);
          return true;
        };
        const seen: ModelNotice[] = [];
        const model = await openModel(own.url, optionsWith({ onNotice: (notice) => seen.push(notice) }));
        const isWhole = Buffer.compare(await model.bytes(weightsPath), weightBytes) === 0;
        return [isWhole, own.requests.get(weightsPath), seen.map(({ kind, file }) => `${kind} ${file}`).join()];
      };
      const outcomes = await Promise.all(cuts.map(loadOverCut));
      expect(outcomes).toEqual(cuts.map(() => [true, 2, "retried model.safetensors of text/toy"]));
    },
  );

  test("every time is an error that says how far it came", async () => {
    server.fault = (path, _nth, response, bytes) => {
      if (path === weightsPath) breakOff(response, bytes!.subarray(0, 1000), bytes!.length);
      return path === weightsPath;
    };
    const model = await openModel(server.url, optionsWith());
    const error = await rejected(model.weights());
    expect(error).toMatchObject({ code: "fetch-failed", file: "model.safetensors of text/toy" });
    expect(error?.message).toMatch(
      /must answer with it, the connection failed after (1000|0) bytes, at attempt 2 of 2$/,
    );
    expect(server.requests.get(weightsPath)).toBe(2);
  });

  test("cleanly, so that the answer only seems whole, is found by its length", async () => {
    for (const cut of cuts) {
      server.requests.clear();
      server.fault = (path, nth, response, bytes) => {
        if (path !== weightsPath || nth > 1) return false;
        response.end(bytes!.subarray(0, cut));
        return true;
      };
      const model = await openModel(server.url, optionsWith());
      expect((await model.weights()).size).toBe(1);
      expect(server.requests.get(weightsPath)).toBe(2);
      expect(notices.at(-1)?.reason).toContain(`it must have ${weightBytes.length} bytes, it has ${cut}`);
    }
  });
});

describe("what is not the file", () => {
  const serveInstead = (make: (bytes: Uint8Array) => Uint8Array | string, times: number): void => {
    server.fault = (path, nth, response, bytes) => {
      if (path !== weightsPath || nth > times) return false;
      response.end(make(bytes!));
      return true;
    };
  };
  const swapped = (bytes: Uint8Array): Uint8Array => bytes.with(5000, bytes[5001]!).with(5001, bytes[5000]!);

  test("swapped bytes: fetched once more, past the browser's cache", async () => {
    serveInstead(swapped, 1);
    const modes: unknown[] = [];
    const fetchNoting = (url: URL, init: RequestInit): Promise<Response> => {
      modes.push(init.cache);
      return fetch(url, init);
    };
    const model = await openModel(server.url, optionsWith({ fetch: fetchNoting }));
    expect((await model.weights()).size).toBe(1);
    expect(modes).toEqual(["no-cache", "default", "default", "reload"]);
    expect(kinds()).toEqual(["reloaded"]);
  });

  test.each([
    ["swapped bytes", swapped, "hash-mismatch", /its SHA-256 must be [0-9a-f]{64}, it is [0-9a-f]{64}$/],
    [
      "fewer bytes",
      (bytes: Uint8Array) => bytes.subarray(1),
      "length-mismatch",
      /must have 80\d\d\d bytes, it has 80\d\d\d$/,
    ],
    [
      "a page",
      () => "<!doctype html>sign in",
      "length-mismatch",
      /must have 80\d\d\d bytes, it has 22; it is an HTML page$/,
    ],
    [
      "an LFS pointer",
      () => "version https://git-lfs.github.com/spec/v1",
      "length-mismatch",
      /; it is a Git LFS pointer, not/,
    ],
    [
      "more bytes",
      (bytes: Uint8Array) => new Uint8Array(bytes.length + 1),
      "length-mismatch",
      /80\d\d\d bytes or fewer, http.* gives more$/,
    ],
  ] as const)("%s, twice", async (_name, make, code, message) => {
    serveInstead(make, 2);
    const error = await rejected((await openModel(server.url, optionsWith())).weights());
    expect(error).toMatchObject({ code, file: "model.safetensors of text/toy" });
    expect(error?.message).toMatch(message);
    expect(server.requests.get(weightsPath)).toBe(2);
  });

  test("bytes without end are not read to it", async () => {
    server.fault = (path, _nth, response) => {
      if (path !== weightsPath) return false;
      const send = (): void => void response.write(new Uint8Array(65_536), (error) => error ?? setImmediate(send));
      send();
      return true;
    };
    const error = await rejected((await openModel(server.url, optionsWith())).weights());
    expect(error).toMatchObject({ code: "length-mismatch" });
  });

  test("status 404 with a page is an error at once", async () => {
    server.files = Object.fromEntries(Object.entries(files).filter(([path]) => path !== weightsPath));
    const error = await rejected((await openModel(server.url, optionsWith())).weights());
    expect(error).toMatchObject({ code: "file-missing" });
    expect(error?.message).toMatch(/must answer with it, it answered 404 Not Found$/);
    expect(server.requests.get(weightsPath)).toBe(1);
    const elsewhere = await rejected(openModel(new URL("/elsewhere", server.url), optionsWith()));
    expect(elsewhere?.message).toContain("/elsewhere/files.json must answer with it, it answered 404 Not Found");
  });

  test("a page in place of everything, as single-page applications answer", async () => {
    server.fault = (_path, _nth, response) => Boolean(response.end("<!doctype html><title>App</title>"));
    const error = await rejected(openModel(server.url, optionsWith()));
    expect(error).toMatchObject({ code: "foreign-format" });
    expect(error?.message).toMatch(/^Cannot read files\.json of http.*: it must be JSON, it is an HTML page$/);
  });
});

test("openModel() tries again after 503, not after 403", async () => {
  let status = 503;
  server.fault = (path, nth, response) => {
    if (path !== "files.json" || nth > 1) return false;
    response.writeHead(status).end();
    return true;
  };
  expect((await openModel(server.url, optionsWith())).name).toBe("text/toy");
  expect(notices).toMatchObject([{ kind: "retried", reason: "it answered 503 Service Unavailable" }]);
  status = 403;
  server.requests.clear();
  const error = await rejected(openModel(server.url, optionsWith()));
  expect(error).toMatchObject({ code: "fetch-failed" });
  expect(server.requests.get("files.json")).toBe(1);
});

test("openModel() gives up on a server that falls silent", async () => {
  server.fault = (path, nth, response, bytes) => {
    if (path === weightsPath && nth === 1) response.write(bytes!.subarray(0, 1000));
    return path === weightsPath && nth <= 2;
  };
  const model = await openModel(server.url, optionsWith({ stallMs: 150, retries: 1 }));
  const error = await rejected(model.weights());
  expect(error).toMatchObject({ code: "fetch-failed" });
  expect(error?.message).toContain("it fell silent for 150 ms after 0 bytes, at attempt 2 of 2");
  expect(notices.at(-1)?.reason).toBe("it fell silent for 150 ms after 1000 bytes");
});

test("openModel() hands on what a callback throws, and does not take it for a failure of the network", async () => {
  const error = new Error("in the callback");
  const onProgress = (): void => {
    throw error;
  };
  await expect(openModel(server.url, optionsWith({ onProgress }))).rejects.toBe(error);
  expect(server.requests.get("config.json")).toBe(1);
});

test("openModel() says so when nobody listens", async () => {
  await server[Symbol.asyncDispose]();
  const error = await rejected(openModel(server.url, optionsWith({ retries: 0 })));
  expect(error).toMatchObject({ code: "fetch-failed" });
  expect(error?.message).toContain("the connection failed after 0 bytes, at attempt 1 of 1");
  expect(error?.cause).toBeInstanceOf(TypeError);
});

describe("an abort", () => {
  const reason = new Error("stop");

  test("during a download settles at once with its reason, and hangs up", async () => {
    const controller = new AbortController();
    server.fault = (path, _nth, response, bytes) => {
      if (path === weightsPath)
        response.write(bytes!.subarray(0, 1000), () => setTimeout(() => controller.abort(reason), 20));
      return path === weightsPath;
    };
    const model = await openModel(server.url, optionsWith());
    await expect(model.weights(controller.signal)).rejects.toBe(reason);
    await expect.poll(() => server.aborted).toEqual([weightsPath]);
    expect(notices).toEqual([]);
  });

  test("before, and between two attempts", async () => {
    await expect(openModel(server.url, optionsWith({ signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
    const controller = new AbortController();
    server.fault = (_path, _nth, response) => Boolean(response.writeHead(500).end());
    const onNotice = (): void => void setTimeout(() => controller.abort(reason), 10);
    const opening = openModel(server.url, { cache: null, onNotice, signal: controller.signal });
    await expect(opening).rejects.toBe(reason);
    expect(server.requests.get("files.json")).toBe(1);
  });

  test("of the opening does not stop what is read later", async () => {
    const controller = new AbortController();
    const model = await openModel(server.url, optionsWith({ signal: controller.signal }));
    controller.abort();
    expect((await model.weights()).size).toBe(1);
  });
});

describe("a cache", () => {
  let cache: FileCache & { readonly entries: Map<string, Uint8Array> };
  const load = async (more: OpenModelOptions = {}): Promise<Uint8Array> =>
    (await openModel(server.url, optionsWith({ cache, ...more }))).bytes(weightsPath);

  beforeEach(async () => {
    cache = memoryCache();
    await load();
    server.requests.clear();
  });

  const hashOf = async (path: string): Promise<string> =>
    (await openModel(files)).files.find((file) => file.path === path)!.sha256;

  test("saves all requests but that for the list", async () => {
    expect(await load()).toEqual(weightBytes);
    expect([...server.requests]).toEqual([["files.json", 1]]);
  });

  test("saves that too when the list is pinned", async () => {
    const { manifestSha256 } = await openModel(files);
    await load({ manifestSha256 });
    server.requests.clear();
    expect(await load({ manifestSha256 })).toEqual(weightBytes);
    expect(server.requests.size).toBe(0);
    const other = await rejected(load({ manifestSha256: "0".repeat(64) }));
    expect(other).toMatchObject({ code: "hash-mismatch" });
    await expect(load({ manifestSha256: "short" })).rejects.toThrow(RangeError);
  });

  test.each([
    ["cut short", (bytes: Uint8Array) => bytes.subarray(0, 9000)],
    ["with another byte", (bytes: Uint8Array) => bytes.with(9000, bytes[9000]! ^ 1)],
    ["of another file", () => files["words.txt"]!],
    ["empty", () => new Uint8Array(0)],
  ])("that is %s heals itself with one download", async (_name, spoil) => {
    const hash = await hashOf(weightsPath);
    cache.entries.set(hash, spoil(cache.entries.get(hash)!));
    expect(await load()).toEqual(weightBytes);
    expect(server.requests.get(weightsPath)).toBe(1);
    expect(kinds()).toEqual(["cache-healed"]);
    expect(cache.entries.get(hash)).toEqual(weightBytes);
    expect(await load()).toEqual(weightBytes);
    expect(server.requests.get(weightsPath)).toBe(1);
  });

  test("that is spoilt, with a server that is too, is an error with what was expected and what came", async () => {
    cache.entries.set(await hashOf(weightsPath), new Uint8Array(3));
    server.fault = (path, _nth, response) => path === weightsPath && Boolean(response.end("wrong"));
    const error = await rejected(load());
    expect(error?.message).toBe(
      `Cannot use model.safetensors of text/toy: it must have ${weightBytes.length} bytes, it has 5`,
    );
    expect(cache.entries.has(await hashOf(weightsPath))).toBe(false);
  });

  test("serves when there is no network, and says so", async () => {
    await server[Symbol.asyncDispose]();
    expect(await load()).toEqual(weightBytes);
    expect(kinds()).toEqual(["offline"]);
  });

  test("whose last list is spoilt serves nothing without a network, and all with one", async () => {
    const key = [...cache.entries].find(([, bytes]) => bytes.length === files["files.json"]!.length)![0];
    cache.entries.set(key, new Uint8Array(3));
    expect(await load()).toEqual(weightBytes);
    expect(cache.entries.get(key)).toEqual(files["files.json"]);
    cache.entries.set(key, new Uint8Array(3));
    await server[Symbol.asyncDispose]();
    expect(await rejected(load())).toMatchObject({ code: "manifest-invalid" });
    expect(kinds()).toEqual(["offline"]);
  });

  test("lets go of what an update replaced", async () => {
    const before = cache.entries.size;
    server.files = await packToyModel(2);
    expect(await load()).toEqual(server.files[weightsPath]);
    expect(cache.entries.size).toBe(before);
    expect(cache.entries.has(await hashOf(weightsPath))).toBe(false);
  });

  test("that is full is done without, for writing", async () => {
    server.files = await packToyModel(2);
    cache.write = () => Promise.reject(new DOMException("no room", "QuotaExceededError"));
    expect(await load()).toEqual(server.files[weightsPath]);
    expect(notices).toMatchObject([
      { kind: "cache-unavailable", reason: "nothing more is cached: QuotaExceededError: no room" },
    ]);
  });

  test("from which nothing can be removed is passed by", async () => {
    cache.entries.set(await hashOf(weightsPath), new Uint8Array(3));
    cache.remove = () => Promise.reject(new Error("denied"));
    expect(await load()).toEqual(weightBytes);
    expect(kinds()).toEqual(["cache-healed"]);
  });

  test("that cannot be read is done without", async () => {
    cache.read = () => Promise.reject(new Error("denied"));
    expect(await load()).toEqual(weightBytes);
    expect(notices).toMatchObject([{ kind: "cache-unavailable", reason: "nothing is cached: Error: denied" }]);
  });

  test("is by default that of a browser, which Node lacks, and says so", async () => {
    const model = await openModel(server.url, { onNotice: (notice) => notices.push(notice) });
    expect(await model.bytes(weightsPath)).toEqual(weightBytes);
    expect(kinds()).toEqual(["cache-unavailable"]);
    expect(notices[0]!.reason).toContain("there is no Cache API here");
  });
});
