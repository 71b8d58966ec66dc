// The WebGPU backend, on whichever adapter there is: in continuous integration a program that does the work of a GPU.

import { createWebgpuBackend } from "@saccade/attention-core/webgpu";
import { afterAll, beforeAll, describe, test } from "vitest";
import { describeBackend } from "../src/index.ts";
import { providedCases } from "./onnx-cases.ts";
import { whyNoWebgpu, whyOmitted } from "./webgpu-here.ts";

const why = await whyNoWebgpu();
if (why !== null) console.warn(`Skipped: the WebGPU backend, ${why}`);

describeBackend(
  "webgpu",
  () => createWebgpuBackend({ software: true }),
  { describe, test, beforeAll: why === null ? beforeAll : () => {}, afterAll },
  { bitwise: true, onnx: providedCases(), omit: (each) => why ?? whyOmitted(each) },
);
