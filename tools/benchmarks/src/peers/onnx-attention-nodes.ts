// Attention within an exported model. onnxruntime has no windows that skip work: a window is an additive mask over all
// pairs, or, as exports of models with local attention have it, blocks of queries beside the keys that they may reach.
import type { LayerConfig } from "@saccade/attention-core";
import type { NamedTensor, OnnxBuilder } from "./onnx-builder.ts";
import type { OnnxAttentionForm } from "./onnx-forms.ts";

/** Who may attend to whom within a set. */
export type OnnxPattern =
  | { readonly kind: "full" }
  | { readonly kind: "window"; readonly left: number; readonly right: number };

/** N sets of P positions each, and how they attend. */
export interface OnnxSets {
  readonly sets: number;
  readonly positions: number;
  readonly pattern: OnnxPattern;
  readonly form: OnnxAttentionForm;
  /** Queries in a block, for windows over one set; left out, all pairs are computed and those outside masked. */
  readonly block?: number;
}

/** Added to what is forbidden: far below any score, and finite, so that no operator makes a NaN of it. */
const forbidden = -1e30;

/** Attention of one layer over queries, keys and values [N, P, H · D]; `table` is that of its relative bias. */
export function attentionNodes(
  builder: OnnxBuilder,
  config: LayerConfig,
  table: NamedTensor | null,
  [query, key, value]: readonly [query: string, key: string, value: string],
  sets: OnnxSets,
): string {
  const { heads } = config;
  const { positions, pattern, form, block } = sets;
  const bias = pairBias(config, table);
  if (block !== undefined && pattern.kind === "window") {
    return attentionInBlocks(builder, heads, bias, [query, key, value], { ...sets, block, pattern });
  }
  if (pattern.kind === "full" && !table) return attendNode(builder, form, heads, [query, key, value]);
  const headsOfMask = table ? heads : 1;
  const mask = new Float32Array(headsOfMask * positions * positions);
  let at = 0;
  for (let head = 0; head < headsOfMask; head++) {
    for (let q = 0; q < positions; q++) {
      for (let k = 0; k < positions; k++) mask[at++] = permits(pattern, k - q) ? bias(head, q, k) : forbidden;
    }
  }
  const masked = builder.constant(mask, [1, headsOfMask, positions, positions]);
  return attendNode(builder, form, heads, [query, key, value], masked);
}

/** The operator itself: queries [N, P, H · D], keys and values [N, keys, H · D], `mask` added to scores. */
export function attendNode(
  builder: OnnxBuilder,
  form: OnnxAttentionForm,
  heads: number,
  rows: readonly [query: string, key: string, value: string],
  mask?: string,
): string {
  return form === "MultiHeadAttention"
    ? builder.ownNode(form, mask === undefined ? rows : [...rows, "", "", mask], { num_heads: heads })
    : builder.node("Attention", mask === undefined ? rows : [...rows, mask], {
        q_num_heads: heads,
        kv_num_heads: heads,
      });
}

function permits(pattern: OnnxPattern, distance: number): boolean {
  return pattern.kind === "full" || (distance >= -pattern.left && distance <= pattern.right);
}

/** What a layer adds to the score of a pair. Throws for what no case uses. */
function pairBias(
  { positionBias }: LayerConfig,
  table: NamedTensor | null,
): (head: number, query: number, key: number) => number {
  if (!table) return () => 0;
  if (positionBias?.kind === "relative") {
    const { reach } = positionBias;
    const columns = 2 * reach + 1;
    return (head, q, k) => table.values[head * columns + Math.max(-reach, Math.min(reach, k - q)) + reach]!;
  }
  if (positionBias?.kind === "relative2d") {
    const { columns, reach } = positionBias;
    const [y, x] = reach;
    const cut = (distance: number, most: number): number => Math.max(-most, Math.min(most, distance)) + most;
    return (head, q, k) => {
      const down = cut(Math.floor(k / columns) - Math.floor(q / columns), y);
      const along = cut((k % columns) - (q % columns), x);
      return table.values[head * (2 * y + 1) * (2 * x + 1) + down * (2 * x + 1) + along]!;
    };
  }
  throw new RangeError(`Cannot export a model: a bias must be relative, it is ${positionBias?.kind ?? "none"}`);
}

/** One set in blocks of queries, each a set of its own with the keys that its window reaches. */
function attentionInBlocks(
  builder: OnnxBuilder,
  heads: number,
  bias: (head: number, query: number, key: number) => number,
  [query, key, value]: readonly [query: string, key: string, value: string],
  {
    sets,
    positions,
    pattern: { left, right },
    form,
    block,
  }: OnnxSets & { readonly block: number; readonly pattern: { readonly left: number; readonly right: number } },
): string {
  if (sets !== 1) throw new RangeError(`Cannot export a model: blocks must be of one set, there are ${sets}`);
  const blocks = Math.ceil(positions / block);
  const keys = block + left + right;
  const within = (row: number): number => Math.max(0, Math.min(positions - 1, row));
  const gather = (rows: string, count: number, first: number): string => {
    const table = Int32Array.from({ length: blocks * count }, (_, i) =>
      within(Math.floor(i / count) * block + first + (i % count)),
    );
    return builder.node(
      "Gather",
      [builder.node("Squeeze", [rows, builder.list(0)]), builder.constant(table, [blocks, count])],
      {
        axis: 0,
      },
    );
  };
  const mask = new Float32Array(blocks * heads * block * keys);
  let at = 0;
  for (let b = 0; b < blocks; b++) {
    for (let head = 0; head < heads; head++) {
      for (let q = b * block; q < (b + 1) * block; q++) {
        for (let k = b * block - left; k < b * block - left + keys; k++) {
          const isOpen = k >= 0 && k < positions && k - q >= -left && k - q <= right;
          mask[at++] = isOpen ? bias(head, q, k) : forbidden;
        }
      }
    }
  }
  const attended = attendNode(
    builder,
    form,
    heads,
    [gather(query, block, 0), gather(key, keys, -left), gather(value, keys, -left)],
    builder.constant(mask, [blocks, heads, block, keys]),
  );
  const flat = builder.node("Reshape", [attended, builder.list(1, blocks * block, -1)]);
  return builder.node("Slice", [flat, builder.list(0), builder.list(positions), builder.list(1)]);
}
