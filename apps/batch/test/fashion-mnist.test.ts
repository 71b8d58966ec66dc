// The models of images that are shipped, on pictures of Fashion-MNIST that they did not learn from. The floors are a little
// below what they reach on the first thousand; see the model cards for all of them.

import { asyncDispose } from "@saccade/attention-core";
import { expect, test, type TestContext } from "vitest";
import type { DataFile } from "../src/records/data-file.ts";
import { readIdx } from "../src/records/idx.ts";
import { idxBytes } from "../src/records/idx-bytes.ts";
import { clothingTask } from "../src/tasks/image/clothing.ts";
import { patchesTask } from "../src/tasks/image/patches.ts";
import { openTask } from "../src/tasks/open-task.ts";
import type { Task } from "../src/tasks/task.ts";
import { sharedData } from "./shared-data.ts";

const { signal } = new AbortController();
const pictures = 1000;

/** The first thousand of a file, and of what is beside it. */
function firstOf(name: string, context: TestContext): DataFile {
  const bytes = (): Uint8Array => {
    const { values, shape } = readIdx(sharedData(`fashion-mnist/${name}`, context).bytes(), name);
    const each = values.length / shape[0]!;
    return idxBytes(values.subarray(0, pictures * each), [pictures, ...shape.slice(1)]);
  };
  return { name, bytes, text: () => "", beside: (other) => firstOf(other, context) };
}

async function figuresOf(task: Task, context: TestContext): Promise<readonly number[]> {
  const data = firstOf("dev-images-idx3-ubyte.gz", context);
  data.bytes(); // Skips before a model is opened.
  const opened = await openTask(task, { model: undefined, threads: 1 }, signal);
  const figures = await opened.evaluate({ data, signal, onProgress: () => undefined });
  await opened.pipeline[asyncDispose]();
  for (const { metric, value, count } of figures) {
    console.info(
      `${task.name}, first ${pictures} pictures of Fashion-MNIST dev: ${metric} ${(100 * value).toFixed(2)} % of ${count}`,
    );
  }
  return figures.map(({ value }) => value);
}

test("image/clothing knows pictures that it did not learn from", async (context) => {
  const [accuracy] = await figuresOf(clothingTask, context);
  expect(accuracy).toBeGreaterThan(0.93);
}, 60_000);

test("image/patches knows which patches of scenes hold what", async (context) => {
  const [all, withoutBackground] = await figuresOf(patchesTask, context);
  expect(all).toBeGreaterThan(0.93);
  expect(withoutBackground).toBeGreaterThan(0.82);
}, 60_000);
