// Gradients on WebGPU, on whichever adapter there is. Programs differ by score, bias, normalizer and dropout, and a software
// adapter takes seconds to compile one: what takes the most runs in Node only, and of the combinations one in six.

import { createWebgpuTrainingBackend } from "@saccade/attention-core/webgpu-training";
import { afterAll, beforeAll, describe, test } from "vitest";
import { describeTrainingBackend } from "../src/index.ts";
import { whyNoWebgpu } from "./webgpu-here.ts";

const why = await whyNoWebgpu();
if (why !== null) console.warn(`Skipped: gradients on WebGPU, ${why}`);

const isPage = "document" in globalThis;

const combinations = "gradients of attention: combinations";
/** Groups and names of cases that compile programs of their own, where each takes seconds. */
const manyPrograms = /^(gradients of attention: (combinations|scores)|gradients: composition)$/;
const ownPrograms = /^attention: |^head width (24|33|64|80|128|256)/;

/** Why a case is left out here; null for one that runs. */
function whyOmitted({ group, name }: { readonly group: string; readonly name: string }): string | null {
  if (isPage && (manyPrograms.test(group) || ownPrograms.test(name)))
    return "in Node only: it compiles programs of its own";
  if (group === combinations && Number.parseInt(name, 10) % 12 !== 0)
    return "one in twelve runs: each compiles programs of its own";
  return null;
}

describeTrainingBackend(
  "webgpu training",
  () => createWebgpuTrainingBackend({ software: true }),
  { describe, test, beforeAll: why === null ? beforeAll : () => {}, afterAll },
  { bitwise: true, omit: (each) => why ?? whyOmitted(each) },
);
