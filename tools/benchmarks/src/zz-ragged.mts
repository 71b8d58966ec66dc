import { createWasmBackend } from "@saccade/attention-core/wasm";
import { createRandom } from "/work/main/tools/benchmarks/src/random.ts";
const random = createRandom(7);
const L = Array.from({ length: 256 }, () => 5 + Math.floor(random() * 196));
const offs = new Int32Array(257);
L.forEach((l, i) => (offs[i + 1] = offs[i]! + l));
const rows = offs[256]!,
  W = 768,
  pairs = L.reduce((s, l) => s + l * l, 0);
const inp = (r: number) =>
  Array.from({ length: 3 }, (_, s) => {
    const g = createRandom(s + 1);
    return Float32Array.from({ length: r * W }, () => (g() + g() + g() + g() - 2) * 1.7);
  });
const b = await createWasmBackend({ threads: 1 });
async function maker(o: Int32Array, calls: number, resident: boolean) {
  const r = o.at(-1)!;
  const arr = inp(r);
  const plan = b.plan(o, o, { kind: "full" });
  const out = new Float32Array(r * W);
  const res = resident ? arr.map((a) => b.upload(a, [r, W])) : null;
  return async () => {
    const s = performance.now();
    for (let c = 0; c < calls; c++) {
      const w = b.workspace();
      const [q, k, v] = res ?? arr.map((a) => w.upload(a, [r, W]));
      const y = w.attention(q!, k!, v!, plan, { heads: 12 }).output;
      if (resident) await w.checkpoint();
      else await w.read(y, out);
      w[Symbol.dispose]();
    }
    return performance.now() - s;
  };
}
const d = Math.round(pairs / rows),
  calls = Math.round(pairs / d / d);
const dense = Int32Array.of(0, d);
const c = {
  rag: await maker(offs, 1, false),
  den: await maker(dense, calls, false),
  ragR: await maker(offs, 1, true),
  denR: await maker(dense, calls, true),
};
const t: Record<string, number[]> = {};
for (let i = 0; i < Number(process.argv[2] ?? 12); i++)
  for (const [n, f] of Object.entries(c)) (t[n] ??= []).push(await f());
for (const [n, a] of Object.entries(t)) {
  a.sort((x, y) => x - y);
  console.log(n, a[0]!.toFixed(1), a[a.length >> 1]!.toFixed(1));
}
const m = (n: string) => t[n]![t[n]!.length >> 1]!;
console.log("ratio", (m("den") / m("rag")).toFixed(3), "resident", (m("denR") / m("ragR")).toFixed(3));
