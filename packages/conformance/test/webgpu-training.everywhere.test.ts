// Gradients on WebGPU, on whichever adapter there is. Programs differ by score, bias, normalizer and dropout, and a software
// adapter takes seconds to compile one: what takes the most runs in Node only, and of the combinations one in six.

import { createWebgpuTrainingBackend } from "@saccade/attention-core/webgpu-training";
import { afterAll, beforeAll, describe, test } from "vitest";
import { describeTrainingBackend } from "../src/index.ts";
import { whyNoWebgpu } from "./webgpu-here.ts";

const why = await whyNoWebgpu();
if (why !== null) console.warn(`Skipped: gradients on WebGPU, ${why}`);

const isPage = "document" in globalThis;

/** Why a case is left out here; null for one that runs. */
function whyOmitted({ group, name }: { readonly group: string; readonly name: string }): string | null {
  const isCombination = group === "gradients of attention: combinations";
  if (isPage && (isCombination || group === "gradients of attention: scores" || name.startsWith("attention: ")))
    return "in Node only: each case compiles programs of its own";
  if (isCombination && Number.parseInt(name, 10) % 6 !== 0) return "one in six runs: each compiles programs of its own";
  return null;
}

describeTrainingBackend(
  "webgpu training",
  () => createWebgpuTrainingBackend({ software: true }),
  { describe, test, beforeAll: why === null ? beforeAll : () => {}, afterAll },
  { bitwise: true, omit: (each) => why ?? whyOmitted(each) },
);
