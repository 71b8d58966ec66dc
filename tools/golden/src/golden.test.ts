import { readFile } from "node:fs/promises";
import { defaultDevice, init } from "@jax-js/jax";
import { beforeAll, expect, test } from "vitest";
import type { GoldenCase } from "./cases.ts";
import { files } from "./files.ts";

beforeAll(async () => {
  await init("wasm");
  defaultDevice("wasm");
});

test.each(files)("stored tensors are what jax-js computes today: $name", async ({ path, make }) => {
  const stored = JSON.parse(await readFile(path, "utf8")) as GoldenCase[];
  const made = await make();
  expect(stored.map(({ name }) => name)).toEqual(made.map(({ name }) => name));
  for (const [at, { expected, ...given }] of made.entries()) {
    const { expected: before, ...givenBefore } = stored[at] as GoldenCase;
    expect(givenBefore).toEqual(JSON.parse(JSON.stringify(given)));
    expected.values.forEach((value, i) => expect(before.values[i]).toBeCloseTo(value, 6));
  }
});
