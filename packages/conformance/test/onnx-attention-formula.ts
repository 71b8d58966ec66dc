// ONNX Attention by the text of its specification, over [N, heads, positions, width] arrays: to hold the adapter
// against where the public cases do not reach. Drawn cases come in the format of the files.

import { seeded } from "../src/random.ts";

interface Drawn {
  readonly dims: readonly number[];
  readonly data: number[];
  readonly dtype: string;
}

/** Case `index` of a stream of random cases, with the outputs that the specification says. */
export function drawOnnxAttention(index: number): unknown {
  const random = seeded(`onnx attention ${index}`);
  const chance = (probability: number): boolean => random.uniform() < probability;
  const [N, S, L] = [random.integer(1, 3), random.integer(1, 6), random.integer(1, 8)];
  const kvHeads = random.integer(1, 3);
  const heads = kvHeads * random.integer(1, 3);
  const [D, valueWidth] = [random.pick([1, 3, 8]), random.pick([1, 4, 10])];
  const past = chance(0.4) ? random.integer(0, 4) : null;
  const nonpad = past === null && chance(0.5) ? Array.from({ length: N }, () => random.integer(0, L)) : null;
  const T = L + (past ?? 0);
  const [causal, left, right] = [
    chance(0.5),
    chance(0.3) ? random.integer(0, 4) : -1,
    chance(0.3) ? random.integer(0, 4) : -1,
  ];
  const scale = chance(0.3) ? random.uniform() : null;
  const softcap = chance(0.3) ? 0.5 + random.uniform() * 3 : 0;
  const mode = chance(0.5) ? random.integer(0, 3) : null;
  const float = (dims: readonly number[]): Drawn => ({
    dims,
    dtype: "float32",
    data: [...random.normals(dims.reduce((a, b) => a * b, 1))],
  });
  const [q, k, v] = [float([N, heads, S, D]), float([N, kvHeads, L, D]), float([N, kvHeads, L, valueWidth])];
  const pastK = past === null ? null : float([N, kvHeads, past, D]);
  const pastV = past === null ? null : float([N, kvHeads, past, valueWidth]);
  const mask = chance(0.6) ? drawMask() : null;

  function drawMask(): Drawn {
    const shorter = chance(0.3) ? random.integer(Math.max(1, ...(nonpad ?? [1])), T) : T;
    const columns = random.pick([T, T, shorter]);
    const dims = random.pick([
      [S, columns],
      [1, S, columns],
      [heads, S, columns],
      [N, 1, S, columns],
      [N, heads, S, columns],
      [1, 1, 1, columns],
      [N, 1, 1, columns],
      [columns],
    ]);
    const size = dims.reduce((a, b) => a * b, 1);
    if (chance(0.5)) return { dims, dtype: "bool", data: Array.from({ length: size }, () => (chance(0.7) ? 1 : 0)) };
    return {
      dims,
      dtype: "float32",
      data: [...random.normals(size)].map((value) => (chance(0.2) ? -Infinity : value)),
    };
  }

  const presentK = concatenated(pastK, k);
  const presentV = concatenated(pastV, v);
  const y = Array.from({ length: N * heads * S * valueWidth }, () => 0);
  const stages: number[][] = [[], [], [], []];
  for (let n = 0; n < N; n++) {
    const valid = nonpad?.[n] ?? T;
    const offset = past ?? (nonpad === null ? 0 : valid - S);
    for (let h = 0; h < heads; h++) {
      const g = Math.floor(h / (heads / kvHeads));
      for (let i = 0; i < S; i++) {
        const scores = Array.from({ length: T }, (_, j) => {
          let dot = 0;
          for (let d = 0; d < D; d++) dot += at(q, [n, h, i, d]) * at(presentK, [n, g, j, d]);
          return dot * (scale ?? 1 / Math.sqrt(D));
        });
        const capped = scores.map((score) => (softcap > 0 ? softcap * Math.tanh(score / softcap) : score));
        const biased = capped.map((score, j) => {
          const distance = j - (i + offset);
          const outside =
            j >= valid ||
            (causal && distance > 0) ||
            (left >= 0 && distance < -left) ||
            (right >= 0 && distance > right);
          if (outside) return -Infinity;
          if (mask === null) return score;
          const columns = mask.dims.at(-1)!;
          if (j >= columns) return -Infinity;
          const value = atBroadcast(mask, [n, h, i, j]);
          return mask.dtype === "bool" ? (value ? score : -Infinity) : score + value;
        });
        const largest = Math.max(...biased);
        const powers = biased.map((score) => (largest === -Infinity ? 0 : Math.exp(score - largest)));
        const sum = powers.reduce((a, b) => a + b, 0);
        const weights = powers.map((power) => (sum === 0 ? 0 : power / sum));
        weights.forEach((weight, j) => {
          if (weight === 0) return;
          for (let d = 0; d < valueWidth; d++)
            y[((n * heads + h) * S + i) * valueWidth + d]! += weight * at(presentV, [n, g, j, d]);
        });
        [scores, capped, biased, weights].forEach((values, stage) => stages[stage]!.push(...values));
      }
    }
  }

  const flat = chance(0.4);
  const shaped = (name: string, tensor: Drawn): unknown => written(name, flat ? flattened(tensor) : tensor);
  const inputs = [shaped("Q", q), shaped("K", k), shaped("V", v)];
  const inputNames = ["Q", "K", "V"];
  for (const [name, tensor] of [
    ["attn_mask", mask],
    ["past_key", pastK],
    ["past_value", pastV],
  ] as const) {
    inputNames.push(tensor === null ? "" : name);
    if (tensor !== null) inputs.push(written(name, tensor));
  }
  inputNames.push(nonpad === null ? "" : "nonpad_kv_seqlen");
  if (nonpad !== null) inputs.push(written("nonpad_kv_seqlen", { dims: [N], dtype: "int64", data: nonpad }));
  const outputs = [shaped("Y", { dims: [N, heads, S, valueWidth], dtype: "float32", data: y })];
  const outputNames = [
    "Y",
    past === null ? "" : "present_key",
    past === null ? "" : "present_value",
    mode === null ? "" : "qk",
  ];
  if (past !== null) outputs.push(written("present_key", presentK), written("present_value", presentV));
  if (mode !== null) outputs.push(written("qk", { dims: [N, heads, S, T], dtype: "float32", data: stages[mode]! }));
  return {
    case: `drawn ${index}`,
    op: "Attention",
    domain: "ai.onnx",
    opset: { "ai.onnx": 25 },
    attributes: {
      is_causal: Number(causal),
      softcap,
      ...(left < 0 ? {} : { left_window_size: left }),
      ...(right < 0 ? {} : { right_window_size: right }),
      ...(scale === null ? {} : { scale }),
      ...(mode === null ? {} : { qk_matmul_output_mode: mode }),
      ...(flat ? { q_num_heads: heads, kv_num_heads: kvHeads } : {}),
    },
    inputNames,
    outputNames,
    inputs,
    outputs,
  };
}

function at({ dims, data }: Drawn, place: readonly number[]): number {
  return data[place.reduce((index, p, axis) => index * dims[axis]! + p, 0)]!;
}

/** The value at `place` of a tensor whose axes of length 1, and those it lacks in front, are repeated. */
function atBroadcast(tensor: Drawn, place: readonly number[]): number {
  const own = place.slice(place.length - tensor.dims.length);
  // The last axis is never repeated: a shorter mask is one of fewer keys.
  return at(
    tensor,
    own.map((p, axis) => (tensor.dims[axis] === 1 && axis < own.length - 1 ? 0 : p)),
  );
}

function concatenated(past: Drawn | null, fresh: Drawn): Drawn {
  if (past === null) return fresh;
  const [N, heads, P, width] = past.dims as [number, number, number, number];
  const L = fresh.dims[2]!;
  const data: number[] = [];
  for (let head = 0; head < N * heads; head++) {
    data.push(
      ...past.data.slice(head * P * width, (head + 1) * P * width),
      ...fresh.data.slice(head * L * width, (head + 1) * L * width),
    );
  }
  return { dims: [N, heads, P + L, width], dtype: "float32", data };
}

/** [N, heads, positions, width] as [N, positions, heads · width]. */
function flattened(tensor: Drawn): Drawn {
  const [N, heads, positions, width] = tensor.dims as [number, number, number, number];
  const data: number[] = [];
  for (let n = 0; n < N; n++) {
    for (let i = 0; i < positions; i++) {
      for (let h = 0; h < heads; h++) for (let d = 0; d < width; d++) data.push(at(tensor, [n, h, i, d]));
    }
  }
  return { dims: [N, positions, heads * width], dtype: tensor.dtype, data };
}

function written(name: string, { dims, dtype, data }: Drawn): unknown {
  return { name, dims, dtype, data: data.map((value) => (Number.isFinite(value) ? value : String(value))) };
}
