import { createWasmBackend } from "@saccade/attention-core/wasm";
import { attend } from "./attend.ts";

console.log(await attend(await createWasmBackend()));
