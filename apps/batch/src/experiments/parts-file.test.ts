import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { partsFile } from "./parts-file.ts";

const folder = await mkdtemp(join(tmpdir(), "saccade-parts-"));
afterAll(async () => rm(folder, { recursive: true }));
const path = join(folder, "new", "parts.json");

test("partsFile() makes each part once, over runs that resume too, and begins anew without", async () => {
  const made: string[] = [];
  const make = (part: string) => async () => {
    made.push(part);
    return { accuracy: made.length };
  };
  const first = partsFile(path, false);
  expect(await first.once("a", make("a"))).toEqual({ accuracy: 1 });
  expect(await first.once("a", make("a again"))).toEqual({ accuracy: 1 });
  const resumed = partsFile(path, true);
  expect([first.resumed, resumed.resumed]).toEqual([false, true]);
  expect(await resumed.once("a", make("a resumed"))).toEqual({ accuracy: 1 });
  expect(await resumed.once("b", make("b"))).toEqual({ accuracy: 2 });
  expect(await partsFile(path, false).once("a", make("a anew"))).toEqual({ accuracy: 3 });
  expect(made).toEqual(["a", "b", "a anew"]);
});

test("partsFile() keeps nothing of a part that failed, and clear() takes the file away", async () => {
  const parts = partsFile(join(folder, "other.json"), false);
  await expect(parts.once("a", async () => Promise.reject(new Error("stopped")))).rejects.toThrow("stopped");
  expect(await parts.once("a", async () => 1)).toBe(1);
  parts.clear();
  expect(existsSync(join(folder, "other.json"))).toBe(false);
});
