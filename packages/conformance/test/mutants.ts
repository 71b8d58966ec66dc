// Backends with one thing wrong each: the reference behind a wrapper that spoils an operation.

import {
  type AttentionMaps,
  type AttentionOptions,
  type AttentionPattern,
  type AttentionPlan,
  type Backend,
  DisposedError,
  forEachKey,
  type Tensor,
  type Workspace,
} from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { over } from "./over.ts";

/** A fault, and the group of cases that must notice it. */
export interface Mutant {
  readonly group: string;
  readonly open: () => Backend;
}

type WorkspaceChange = (workspace: Workspace) => Partial<Workspace>;

function withWorkspace(change: WorkspaceChange): () => Backend {
  return () => {
    const backend = createReferenceBackend();
    return over<Backend>(backend, {
      workspace: (signal) => {
        const workspace = backend.workspace(signal);
        return over(workspace, change(workspace));
      },
    });
  };
}

function withPattern(change: (pattern: AttentionPattern) => AttentionPattern): () => Backend {
  const everywhere = (pattern: AttentionPattern): AttentionPattern =>
    pattern.kind === "all" ? { kind: "all", of: pattern.of.map(everywhere) } : change(pattern);
  return () => {
    const backend = createReferenceBackend();
    return over<Backend>(backend, {
      // The counts stay right, so that the output has to show the fault.
      plan: (queries, keys, pattern) => ({
        ...backend.plan(queries, keys, pattern),
        form: backend.plan(queries, keys, everywhere(pattern)).form,
      }),
    });
  };
}

/** Attention with other options. */
function withOptions(change: (options: AttentionOptions) => AttentionOptions): () => Backend {
  return withWorkspace((workspace) => ({
    attention: (q, k, v, plan, options) => workspace.attention(q, k, v, plan, change(options)),
  }));
}

/** Attention with another output. */
function withOutput(
  change: (workspace: Workspace, output: Tensor, v: Tensor, plan: AttentionPlan) => Tensor,
): () => Backend {
  return withWorkspace((workspace) => ({
    attention: (q, k, v, plan, options) => {
      const { output, maps } = workspace.attention(q, k, v, plan, options);
      return { output: change(workspace, output, v, plan), maps };
    },
  }));
}

/** Attention with other maps. */
function withMaps(change: (workspace: Workspace, maps: AttentionMaps) => AttentionMaps): () => Backend {
  return withWorkspace((workspace) => ({
    attention: (q, k, v, plan, options) => {
      const { output, maps } = workspace.attention(q, k, v, plan, options);
      return { output, maps: change(workspace, maps) };
    },
  }));
}

function row(workspace: Workspace, width: number, value: number): Tensor {
  return workspace.upload(new Float32Array(width).fill(value), [width]);
}

function times(workspace: Workspace, x: Tensor, factor: number): Tensor {
  return workspace.multiply(
    x,
    workspace.upload(new Float32Array(x.shape.reduce((a, b) => a * b, 1)).fill(factor), x.shape),
  );
}

/** The columns of each head of x, in the order `heads` names. */
function reorder(workspace: Workspace, x: Tensor, heads: readonly number[]): Tensor {
  const width = x.shape[1]! / heads.length;
  return workspace.concatenate(heads.map((head) => workspace.slice(x, head * width, (head + 1) * width)));
}

const without = <T extends object, K extends keyof T>(object: T, ...keys: K[]): Omit<T, K> =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key as K))) as Omit<T, K>;

/** Every fault by name. */
export const mutants: Readonly<Record<string, Mutant>> = {
  "ignores the causal mask": {
    group: "attention: patterns",
    open: withPattern((pattern) => (pattern.kind === "causal" ? { kind: "full" } : pattern)),
  },
  "counts causal from the top left": {
    group: "attention: patterns",
    open: withPattern((pattern) => (pattern.kind === "causal" ? { offset: 0, ...pattern } : pattern)),
  },
  "takes windows one too wide": {
    group: "attention: patterns",
    open: withPattern((pattern) =>
      pattern.kind === "window" && pattern.left >= 0 ? { ...pattern, left: pattern.left + 1 } : pattern,
    ),
  },
  "drops repeated edges": { group: "attention: patterns", open: withPattern(dropRepeated) },
  "reads the set of a rule wrongly": {
    group: "attention: patterns",
    open: withPattern((pattern) =>
      pattern.kind === "rule" ? { kind: "rule", permits: (query, key) => pattern.permits(query, key, 0) } : pattern,
    ),
  },
  "forgets the scale": {
    group: "attention: shapes",
    open: withOptions((options) => ({ scale: 1, ...options })),
  },
  "shares key heads in the wrong order": {
    group: "attention: shapes",
    open: withWorkspace((workspace) => ({
      attention: (q, k, v, plan, options) => {
        const { heads, kvHeads = heads } = options;
        if (heads === kvHeads) return workspace.attention(q, k, v, plan, options);
        const order = Array.from(
          { length: heads },
          (_, head) => (head % (heads / kvHeads)) * kvHeads + Math.floor((head * kvHeads) / heads),
        );
        const back = order.map((_, head) => order.indexOf(head));
        const { output, maps } = workspace.attention(reorder(workspace, q, order), k, v, plan, options);
        return { output: reorder(workspace, output, back), maps };
      },
    })),
  },
  "is off by 1 in 10,000": {
    group: "attention: shapes",
    open: withOutput((workspace, output) => times(workspace, output, 1.0001)),
  },
  "ignores softcap": { group: "attention: scores", open: withOptions((options) => ({ ...options, softcap: 0 })) },
  "ignores the bias": { group: "attention: scores", open: withOptions((options) => without(options, "bias")) },
  "runs relu as softmax": {
    group: "attention: scores",
    open: withOptions((options) => without(options, "normalizer")),
  },
  "forgets the slope": {
    group: "attention: scores",
    open: withOptions((options) =>
      options.score?.kind === "additive" ? { ...options, score: { ...options.score, slope: 0.01 } } : options,
    ),
  },
  "leaks NaN from behind a mask": {
    group: "attention: not finite",
    open: withOutput((workspace, output, v) => {
      // 0 · Σ v, added to every row: nothing, unless some value anywhere is not finite.
      const [P, width] = output.shape as readonly [number, number];
      const whole = Int32Array.of(0, v.shape[0]!);
      const sums = workspace.linear(
        workspace.pool(v, whole, "sum"),
        workspace.upload(new Float32Array(v.shape[1]! * width), [v.shape[1]!, width]),
      );
      return workspace.add(output, workspace.embed(sums, workspace.upload(new Int32Array(P), [P])));
    }),
  },
  "squashes huge logits": {
    group: "attention: not finite",
    open: withOptions((options) => ({ softcap: 3000, ...options })),
  },
  "leaves rows without keys almost zero": {
    group: "attention: patterns",
    open: withOutput((workspace, output, _v, plan) => {
      const [P, width] = output.shape as readonly [number, number];
      const ids = Int32Array.from({ length: P }, (_, query) => {
        let id = 0;
        forEachKey(plan, query, () => (id = -1));
        return id;
      });
      const almost = workspace.upload(new Float32Array(width).fill(1e-12), [1, width]);
      return workspace.add(output, workspace.embed(almost, workspace.upload(ids, [P])));
    }),
  },
  "gives entropy in bits": {
    group: "attention: maps",
    open: withMaps((workspace, maps) =>
      maps.entropy ? { ...maps, entropy: times(workspace, maps.entropy, 1 / Math.LN2) } : maps,
    ),
  },
  "returns weights for every full map": {
    group: "attention: maps",
    open: withOptions((options) =>
      options.maps?.full ? { ...options, maps: { ...options.maps, full: "weights" } } : options,
    ),
  },
  "returns other rows than asked for": {
    group: "attention: maps",
    open: withOptions((options) =>
      options.maps?.rows ? { ...options, maps: { ...options.maps, rows: options.maps.rows.toReversed() } } : options,
    ),
  },
  "takes the sum over heads for the mean": {
    group: "attention: maps",
    open: withWorkspace((workspace) => ({
      attention: (q, k, v, plan, options) => {
        const { output, maps } = workspace.attention(q, k, v, plan, options);
        const sums = maps.columnSums;
        if (!options.maps?.meanOverHeads || sums === undefined) return { output, maps };
        return { output, maps: { ...maps, columnSums: times(workspace, sums, options.heads) } };
      },
    })),
  },
  "forgets the bias of linear": {
    group: "rows: linear",
    open: withWorkspace((workspace) => ({
      linear: (x, weight, _bias, activation) => workspace.linear(x, weight, null, activation),
    })),
  },
  "takes the approximate for the exact GELU": {
    group: "rows: activate",
    open: withWorkspace((workspace) => ({
      activate: (x, activation) => workspace.activate(x, activation === "gelu" ? "geluTanh" : activation),
    })),
  },
  "starts a maximum from zero": {
    group: "rows: pool",
    open: withWorkspace((workspace) => ({
      pool: (x, offsets, how) =>
        how === "max" ? workspace.activate(workspace.pool(x, offsets, how), "relu") : workspace.pool(x, offsets, how),
    })),
  },
  "ignores epsilon": {
    group: "rows: rmsNorm",
    open: withWorkspace((workspace) => ({ rmsNorm: (x, gain) => workspace.rmsNorm(x, gain, 0) })),
  },
  "ignores the logarithm": {
    group: "rows: softmax",
    open: withWorkspace((workspace) => ({ softmax: (x) => workspace.softmax(x) })),
  },
  "halves a row that it adds to each": {
    group: "rows: add",
    open: withWorkspace((workspace) => ({
      add: (a, b) =>
        b.shape.length < a.shape.length ? workspace.add(a, times(workspace, b, 0.5)) : workspace.add(a, b),
    })),
  },
  "turns neighbours as halves": {
    group: "rows: rotate",
    open: withWorkspace((workspace) => ({
      rotate: (x, positions, cos, sin, options) =>
        workspace.rotate(x, positions, cos, sin, { ...options, interleaved: false }),
    })),
  },
  "appends in reverse": {
    group: "rows: append",
    open: withWorkspace((workspace) => ({ append: (parts) => workspace.append(parts.toReversed()) })),
  },
  "pads with almost zeros": {
    group: "rows: unfold",
    open: withWorkspace((workspace) => ({
      unfold: (x, windows) =>
        workspace.add(workspace.unfold(x, windows), row(workspace, windows.shape[1]! * x.shape[1]!, 1e-6)),
    })),
  },
  "depends on the size of the batch": {
    group: "composition",
    open: withWorkspace((workspace) => ({
      linear: (x, weight, bias, activation) => {
        const y = workspace.linear(x, weight, bias, activation);
        return times(workspace, y, 1 + y.shape[0]! * 2 ** -23);
      },
    })),
  },
  "slices beyond the columns": {
    group: "arguments",
    open: withWorkspace((workspace) => ({
      slice: (x, from, to) => workspace.slice(x, Math.min(from, to), Math.min(to, x.shape[1]!)),
    })),
  },
  "keeps without copying": {
    group: "lifetime",
    open: withWorkspace(() => ({ keep: (x) => x })),
  },
  "reads what is there later": {
    group: "lifetime",
    open: withWorkspace((workspace) => ({
      read: async (x) => new Promise((resolve) => setTimeout(resolve, 0)).then(() => workspace.read(x)),
    })),
  },
  "goes on after an abort": {
    group: "lifetime",
    open: withWorkspace((workspace) => ({ checkpoint: () => workspace.checkpoint().catch(unlessDisposed) })),
  },
  "never gives memory back": {
    group: "lifetime",
    open: () => {
      const backend = createReferenceBackend();
      let liveBytes = 0;
      const told = {
        get liveBytes() {
          return (liveBytes += 10_000);
        },
      };
      return over<Backend>(backend, told as Partial<Backend>);
    },
  },
};

function unlessDisposed(error: unknown): void {
  if (error instanceof DisposedError) throw error;
}

function dropRepeated(pattern: AttentionPattern): AttentionPattern {
  if (pattern.kind !== "neighbors") return pattern;
  const offsets = [0];
  const indices: number[] = [];
  for (let query = 0; query + 1 < pattern.offsets.length; query++) {
    indices.push(...new Set(pattern.indices.subarray(pattern.offsets[query], pattern.offsets[query + 1])));
    offsets.push(indices.length);
  }
  return { kind: "neighbors", offsets: Int32Array.from(offsets), indices: Int32Array.from(indices) };
}
