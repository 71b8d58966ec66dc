// Gradients on WebGPU, on whichever adapter there is. Programs differ by score, bias, normalizer and dropout, and a software
// adapter takes a second or more to compile one: what combines all of them runs in Node only, one in six, or all of them where
// ALL_CASES is set in the environment.

import { createWebgpuTrainingBackend } from "@saccade/attention-core/webgpu-training";
import { afterAll, beforeAll, describe, test } from "vitest";
import { describeTrainingBackend } from "../src/index.ts";
import { whyNoWebgpu } from "./webgpu-here.ts";

const why = await whyNoWebgpu();
if (why !== null) console.warn(`Skipped: gradients on WebGPU, ${why}`);

const isPage = "document" in globalThis;
const all = !isPage && Boolean(process.env["ALL_CASES"]);

/** Why a case is left out here; null for one that runs. */
function whyOmitted({ group, name }: { readonly group: string; readonly name: string }): string | null {
  if (group !== "gradients of attention: combinations") return null;
  if (isPage) return "in Node only: each case compiles programs of its own";
  return all || Number.parseInt(name, 10) % 6 === 0 ? null : "one in six runs: each compiles programs of its own";
}

describeTrainingBackend(
  "webgpu training",
  () => createWebgpuTrainingBackend({ software: true }),
  { describe, test, beforeAll: why === null ? beforeAll : () => {}, afterAll },
  { bitwise: true, omit: (each) => why ?? whyOmitted(each) },
);
