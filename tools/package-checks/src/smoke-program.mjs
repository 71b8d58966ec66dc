// Runs on the oldest Node that the packages support, against what npm users would get. Plain JavaScript on purpose.
import assert from "node:assert/strict";
import { asyncDispose, dispose, offsetsOf } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { createWasmBackend } from "@saccade/attention-core/wasm";

const rows = Float32Array.from({ length: 8 * 16 }, (_, i) => Math.sin(i * i));
const offsets = offsetsOf([5, 3]);

async function attend(backend, pattern) {
  const workspace = backend.workspace();
  const x = workspace.upload(rows, [8, 16]);
  const { output } = workspace.attention(x, x, x, backend.plan(offsets, offsets, pattern), { heads: 2 });
  const values = await workspace.read(output);
  workspace[dispose]();
  return values;
}

const reference = createReferenceBackend();
const wasm = await createWasmBackend();
const patterns = [
  { kind: "full" },
  { kind: "causal" },
  { kind: "window", left: 1, right: 1 },
  { kind: "neighbors", offsets: Int32Array.of(0, 2, 3, 3, 4, 4, 5, 7, 7), indices: Int32Array.of(0, 4, 2, 1, 0, 1, 2) },
];
for (const pattern of patterns) {
  const expected = await attend(reference, pattern);
  const actual = await attend(wasm, pattern);
  const error = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - actual[i])), 0);
  assert.ok(error < 2e-5, `${pattern.kind}: ${wasm.name} is ${error} off the reference`);
}

const workspace = wasm.workspace(AbortSignal.abort(new Error("stopped")));
await assert.rejects(workspace.checkpoint(), /stopped/);
workspace[dispose]();
await wasm[asyncDispose]();
await reference[asyncDispose]();
console.log(`Node ${process.version}: ${patterns.length} patterns agree with the reference`);
