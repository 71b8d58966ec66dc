// What the two attention programs share.
import { type Backend, dispose, offsetsOf } from "@saccade/attention-core";

/** Causal attention over two sets, two heads of four. */
export async function attend(backend: Backend): Promise<Float32Array> {
  const offsets = offsetsOf([5, 3]);
  const plan = backend.plan(offsets, offsets, { kind: "causal" });
  const workspace = backend.workspace();
  const rows = workspace.upload(new Float32Array(8 * 8).fill(0.5), [8, 8]);
  const { output } = workspace.attention(rows, rows, rows, plan, { heads: 2 });
  const values = await workspace.read(output);
  workspace[dispose]();
  return values;
}
