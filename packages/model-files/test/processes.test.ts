// One cache, several processes: at once, and killed in the middle.

import { execFile, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type FileServer, serveFiles } from "./file-server.ts";
import { packToyModel } from "./toy-model.ts";

const program = fileURLToPath(new URL("open-in-process.ts", import.meta.url));
const files = await packToyModel();
let server: FileServer;
let folder: string;

beforeEach(async () => {
  server = await serveFiles(files);
  folder = mkdtempSync(join(tmpdir(), "saccade-cache-"));
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function open(): Promise<unknown> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, server.url.href, folder]);
  return JSON.parse(stdout);
}

const fine = { notices: [], tensors: 1, words: "eins\nzwei\n" };

test("two processes that start together on an empty cache both load, and leave a whole one", async () => {
  expect(await Promise.all([open(), open()])).toEqual([fine, fine]);
  expect(readdirSync(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  server.requests.clear();
  expect(await open()).toEqual(fine);
  expect([...server.requests.keys()]).toEqual(["files.json"]);
});

test("a process that is killed while it downloads leaves a cache that the next one can use", async () => {
  server.fault = (path, nth, response, bytes) => {
    if (path !== "model.safetensors" || nth > 1) return false;
    response.write(bytes!.subarray(0, 40_000), () => child.kill("SIGKILL"));
    return true;
  };
  const child = spawn(process.execPath, [program, server.url.href, folder], { stdio: "ignore" });
  await new Promise((resolve) => child.on("exit", resolve));
  expect(await open()).toEqual(fine);
  const sizes = readdirSync(folder).map((name) => readFileSync(join(folder, name)).length);
  expect(sizes).toContain(files["model.safetensors"]!.length);
});
