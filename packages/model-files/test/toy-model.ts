import { packModel } from "../src/index.ts";

/** A model whose weights take a few pieces to send. */
export async function packToyModel(version: number = 1): Promise<Readonly<Record<string, Uint8Array>>> {
  const values = Float32Array.from({ length: 20_000 }, (_, i) => Math.sin(i * version));
  return packModel({
    config: { name: "text/toy" },
    weights: new Map([["embedding", { values, shape: [200, 100] }]]),
    card: `# Toy, version ${version}\n`,
    files: { "words.txt": "eins\nzwei\n" },
  });
}
