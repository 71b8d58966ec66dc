import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Activation, Workspace } from "../backend.ts";
import { asyncDispose, dispose } from "../disposal.ts";
import { DisposedError, OutOfMemoryError } from "../errors.ts";
import { distance } from "../../test/distance.ts";
import { offsetsOf } from "../ragged.ts";
import type { Tensor } from "../tensor.ts";
import { createReferenceBackend } from "./index.ts";

const f32 = Float32Array.of.bind(Float32Array);
const i32 = Int32Array.of.bind(Int32Array);

/** What an operation gives, as an array. */
async function result(operation: (workspace: Workspace) => Tensor): Promise<number[]> {
  await using backend = createReferenceBackend();
  using workspace = backend.workspace();
  return [...(await workspace.read(operation(workspace)))];
}

describe("operations of a workspace", () => {
  it("embed() puts rows of the table side by side, zeros for ids that it lacks", async () => {
    const table = f32(1, 2, 3, 4);
    expect(await result((w) => w.embed(w.upload(table, [2, 2]), w.upload(i32(1, -1, 0, 2), [4])))).toEqual([
      3, 4, 0, 0, 1, 2, 0, 0,
    ]);
    expect(await result((w) => w.embed(w.upload(table, [2, 2]), w.upload(i32(1, 0), [1, 2])))).toEqual([3, 4, 1, 2]);
  });

  it("linear() multiplies, adds the bias and applies the activation", async () => {
    const run = (bias: Float32Array | null, activation: Activation | null): Promise<number[]> =>
      result((w) =>
        w.linear(
          w.upload(f32(1, 2, 3, -4), [2, 2]),
          w.upload(f32(1, 0, 2, 0, 1, -1), [2, 3]),
          bias && w.upload(bias, [3]),
          activation,
        ),
      );
    expect(await run(null, null)).toEqual([1, 2, 0, 3, -4, 10]);
    expect(await run(f32(10, 20, 30), null)).toEqual([11, 22, 30, 13, 16, 40]);
    expect(await run(f32(0, 0, -5), "relu")).toEqual([1, 2, 0, 3, 0, 5]);
  });

  it("linear() sums in float64", async () => {
    const x = f32(2 ** 30, 1, -(2 ** 30));
    expect(await result((w) => w.linear(w.upload(x, [1, 3]), w.upload(f32(1, 1, 1), [3, 1])))).toEqual([1]);
  });

  it("activate() gives the six functions", async () => {
    const x = [-6, -1.5, -0.1, 0, 0.1, 2, 7];
    const at = (activation: Activation): Promise<number[]> =>
      result((w) => w.activate(w.upload(Float32Array.from(x), [7]), activation));
    const single = x.map(Math.fround);
    expect(
      distance(
        await at("relu"),
        single.map((each) => Math.max(0, each)),
      ),
    ).toBeLessThanOrEqual(0);
    expect(distance(await at("tanh"), single.map(Math.tanh))).toBeLessThanOrEqual(1e-6);
    expect(
      distance(
        await at("sigmoid"),
        single.map((each) => 1 / (1 + Math.exp(-each))),
      ),
    ).toBeLessThanOrEqual(1e-6);
    expect(
      distance(
        await at("silu"),
        single.map((each) => each / (1 + Math.exp(-each))),
      ),
    ).toBeLessThanOrEqual(1e-6);
    expect(
      distance(
        await at("geluTanh"),
        single.map((each) => 0.5 * each * (1 + Math.tanh(0.7978845608028654 * (each + 0.044715 * each ** 3)))),
      ),
    ).toBeLessThanOrEqual(1e-6);
    expect(
      distance(
        await at("elu"),
        single.map((each) => (each < 0 ? Math.expm1(each) : each)),
      ),
    ).toBeLessThanOrEqual(1e-6);
    // x Φ(x) by Python's math.erfc.
    const gelu = [
      -5.919525870226207e-9, -0.10021080190328713, -0.04601721689885652, 0, 0.0539827845912596, 1.9544997361036416,
      6.999999999991041,
    ];
    expect(await at("gelu")).toEqual(gelu.map(Math.fround));
  });

  it("add() and multiply() go element by element, or row by row", async () => {
    const a = f32(1, 2, 3, 4, 5, 6);
    expect(await result((w) => w.add(w.upload(a, [2, 3]), w.upload(a, [2, 3])))).toEqual([2, 4, 6, 8, 10, 12]);
    expect(await result((w) => w.add(w.upload(a, [2, 3]), w.upload(f32(10, 20, 30), [3])))).toEqual([
      11, 22, 33, 14, 25, 36,
    ]);
    expect(await result((w) => w.multiply(w.upload(a, [2, 3]), w.upload(f32(0, 1, -1), [3])))).toEqual([
      0, 2, -3, 0, 5, -6,
    ]);
    expect(await result((w) => w.multiply(w.upload(a, [2, 3]), w.upload(a, [2, 3])))).toEqual([1, 4, 9, 16, 25, 36]);
  });

  it("layerNorm() and rmsNorm() follow their formulas", async () => {
    const x = f32(1, 2, 3, 6);
    const spread = Math.sqrt(3.5 + 0.5);
    expect(
      distance(
        await result((w) =>
          w.layerNorm(w.upload(x, [1, 4]), w.upload(f32(1, 1, 2, 1), [4]), w.upload(f32(0, 0, 0, 5), [4]), 0.5),
        ),
        [-2 / spread, -1 / spread, 0, 3 / spread + 5],
      ),
    ).toBeLessThanOrEqual(1e-6);
    expect(
      distance(
        await result((w) => w.layerNorm(w.upload(x, [2, 2]), w.upload(f32(1, 1), [2]), null, 0)),
        [-1, 1, -1, 1],
      ),
    ).toBeLessThanOrEqual(1e-6);
    const root = Math.sqrt(12.5 + 0.5);
    expect(
      distance(await result((w) => w.rmsNorm(w.upload(x, [1, 4]), w.upload(f32(1, 1, 2, 1), [4]), 0.5)), [
        1 / root,
        2 / root,
        6 / root,
        6 / root,
      ]),
    ).toBeLessThanOrEqual(1e-6);
  });

  it("softmax() is one of each row, and its logarithm", async () => {
    const x = f32(1000, 1000, 0, Math.log(3));
    expect(distance(await result((w) => w.softmax(w.upload(x, [2, 2]))), [0.5, 0.5, 0.25, 0.75])).toBeLessThanOrEqual(
      1e-6,
    );
    expect(
      distance(
        await result((w) => w.softmax(w.upload(x, [2, 2]), { log: true })),
        [0.5, 0.5, 0.25, 0.75].map(Math.log),
      ),
    ).toBeLessThanOrEqual(1e-6);
  });

  it("pool() gives a row per set, and zeros for an empty set", async () => {
    const x = f32(1, -2, 3, -4, 5, -6);
    const offsets = offsetsOf([2, 0, 1]);
    const at = (how: "mean" | "max" | "first" | "sum"): Promise<number[]> =>
      result((w) => w.pool(w.upload(x, [3, 2]), offsets, how));
    expect(await at("mean")).toEqual([2, -3, 0, 0, 5, -6]);
    expect(await at("max")).toEqual([3, -2, 0, 0, 5, -6]);
    expect(await at("first")).toEqual([1, -2, 0, 0, 5, -6]);
    expect(await at("sum")).toEqual([4, -6, 0, 0, 5, -6]);
  });

  it("unfold() puts rows side by side, zeros outside", async () => {
    const x = f32(1, 2, 3);
    expect(await result((w) => w.unfold(w.upload(x, [3, 1]), w.upload(i32(-1, 0, 2, 1, 3, 0), [3, 2])))).toEqual([
      0, 1, 3, 2, 0, 1,
    ]);
  });

  it("rotate() turns column pairs of each head by halves or by neighbours, and leaves the rest", async () => {
    const x = Float32Array.from({ length: 12 }, (_, i) => i + 1);
    const angles = [0.3, -1.1];
    const cos = Float32Array.from([1, 1, ...angles.map(Math.cos)]);
    const sin = Float32Array.from([0, 0, ...angles.map(Math.sin)]);
    const turn = (a: number, b: number, angle: number): [number, number] => [
      a * Math.cos(angle) - b * Math.sin(angle),
      a * Math.sin(angle) + b * Math.cos(angle),
    ];
    const run = (interleaved: boolean, positions: Int32Array): Promise<number[]> =>
      result((w) =>
        w.rotate(w.upload(x, [2, 6]), w.upload(positions, [2]), w.upload(cos, [2, 2]), w.upload(sin, [2, 2]), {
          heads: 1,
          width: 4,
          interleaved,
        }),
      );
    const [a, c] = turn(7, 9, 0.3);
    const [b, d] = turn(8, 10, -1.1);
    expect(distance(await run(false, i32(0, 1)), [1, 2, 3, 4, 5, 6, a, b, c, d, 11, 12])).toBeLessThanOrEqual(1e-5);
    expect(
      distance(await run(true, i32(0, 1)), [1, 2, 3, 4, 5, 6, ...turn(7, 8, 0.3), ...turn(9, 10, -1.1), 11, 12]),
    ).toBeLessThanOrEqual(1e-5);
    expect(await run(false, i32(2, -1))).toEqual([0, 0, 0, 0, 5, 6, 0, 0, 0, 0, 11, 12]);
  });

  it("rotate() keeps the product of rows at the same distance", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(5), fc.nat(5), fc.boolean(), async (i, distance, interleaved) => {
        const cos = Float32Array.from({ length: 22 }, (_, at) => Math.cos(Math.floor(at / 2) * [1, 0.1][at % 2]!));
        const sin = Float32Array.from({ length: 22 }, (_, at) => Math.sin(Math.floor(at / 2) * [1, 0.1][at % 2]!));
        const row = f32(0.3, -1, 0.7, 2);
        const product = async (first: number, second: number): Promise<number> => {
          const rows = await result((w) =>
            w.rotate(
              w.upload(Float32Array.of(...row, ...row), [2, 4]),
              w.upload(i32(first, second), [2]),
              w.upload(cos, [11, 2]),
              w.upload(sin, [11, 2]),
              { heads: 1, interleaved },
            ),
          );
          return rows.slice(0, 4).reduce((sum, value, d) => sum + value * rows[4 + d]!, 0);
        };
        expect(Math.abs((await product(i, i + distance)) - (await product(0, distance)))).toBeLessThan(1e-5);
      }),
    );
  });

  it("concatenate() and slice() undo one another", async () => {
    const [a, b] = [f32(1, 2, 3, 4), f32(5, 6)];
    expect(await result((w) => w.concatenate([w.upload(a, [2, 2]), w.upload(b, [2, 1])]))).toEqual([1, 2, 5, 3, 4, 6]);
    const joined = (w: Workspace): Tensor => w.concatenate([w.upload(a, [2, 2]), w.upload(b, [2, 1])]);
    expect(await result((w) => w.slice(joined(w), 0, 2))).toEqual([...a]);
    expect(await result((w) => w.slice(joined(w), 2, 3))).toEqual([...b]);
    expect(await result((w) => w.slice(joined(w), 1, 1))).toEqual([]);
  });

  it("append() puts each set of each part behind the one before", async () => {
    const parts = (w: Workspace): Tensor =>
      w.append([
        { rows: w.upload(f32(1, 2, 3), [3, 1]), offsets: i32(0, 2, 3) },
        { rows: w.upload(f32(10, 20, 30), [3, 1]), offsets: i32(0, 0, 3) },
        { rows: w.upload(f32(7), [1, 1]), offsets: i32(0, 1, 1) },
      ]);
    expect(await result(parts)).toEqual([1, 2, 7, 3, 10, 20, 30]);
  });

  it("reshape() gives the same values, which outlive the tensor they came from", async () => {
    expect(
      await result((w) => {
        const x = w.upload(f32(1, 2, 3, 4), [4]);
        const reshaped = w.reshape(x, [2, 2]);
        x[dispose]();
        return w.pool(reshaped, i32(0, 2), "sum");
      }),
    ).toEqual([4, 6]);
  });

  it("round their results to float32, or keep them as computed in float64 where asked to", async () => {
    const third = async (precision: "f32" | "f64"): Promise<number> => {
      await using backend = createReferenceBackend({ precision });
      using workspace = backend.workspace();
      return backend.peek(workspace.pool(workspace.upload(f32(1, 0, 0), [3, 1]), i32(0, 3), "mean"))[0]!;
    };
    expect(await third("f32")).toBe(Math.fround(1 / 3));
    expect(await third("f64")).toBe(1 / 3);
  });
});

describe("lifetime", () => {
  it("counts tensors until they, their workspace or the backend is disposed", async () => {
    const backend = createReferenceBackend();
    const weight = backend.upload(f32(1), [1, 1]);
    const workspace = backend.workspace();
    const x = workspace.upload(f32(2), [1, 1]);
    const y = workspace.linear(x, weight);
    expect(backend.liveTensors).toBe(3);
    y[dispose]();
    y[dispose]();
    expect(backend.liveTensors).toBe(2);
    const kept = workspace.keep(x);
    workspace[dispose]();
    workspace[dispose]();
    expect(backend.liveTensors).toBe(2);
    using second = backend.workspace();
    expect(await second.read(kept)).toEqual(f32(2));
    kept[dispose]();
    weight[dispose]();
    expect(backend.liveTensors).toBe(0);
    backend.upload(f32(1), [1]);
    backend.workspace().upload(f32(1), [1]);
    await backend[asyncDispose]();
    expect(backend.liveTensors).toBe(0);
  });

  it("read() gives what x held at the call, though the workspace goes at once", async () => {
    await using backend = createReferenceBackend();
    let reading: Promise<Float32Array>;
    {
      using workspace = backend.workspace();
      reading = workspace.read(workspace.upload(f32(1, 2), [2]));
    }
    expect(await reading).toEqual(f32(1, 2));
  });

  it("copies what is uploaded and what is read", async () => {
    await using backend = createReferenceBackend();
    using workspace = backend.workspace();
    const values = i32(1, 2);
    const x = workspace.upload(values, [2]);
    values.fill(9);
    (await workspace.read(x)).fill(8);
    expect(await workspace.read(x)).toEqual(i32(1, 2));
  });

  it("throws DisposedError for what is disposed", async () => {
    const backend = createReferenceBackend();
    const workspace = backend.workspace();
    const x = workspace.upload(f32(1), [1, 1]);
    x[dispose]();
    expect(() => workspace.linear(x, x)).toThrow(DisposedError);
    expect(() => workspace.linear(x, x)).toThrow("Cannot run linear: x must not be disposed, it is");
    await expect(workspace.read(x)).rejects.toThrow(DisposedError);
    const other = workspace.upload(f32(1), [1, 1]);
    workspace[dispose]();
    expect(() => workspace.add(other, other)).toThrow("Cannot run add: the workspace must not be disposed, it is");
    expect(() => workspace.upload(f32(1), [1])).toThrow(DisposedError);
    await expect(workspace.checkpoint()).rejects.toThrow(DisposedError);
    using second = backend.workspace();
    expect(() => second.add(other, other)).toThrow("Cannot run add: a must not be disposed, it is");
    await backend[asyncDispose]();
    expect(() => second.upload(f32(1), [1])).toThrow("Cannot upload values: the backend must not be disposed, it is");
    expect(() => backend.workspace()).toThrow(DisposedError);
    expect(() => backend.upload(f32(1), [1])).toThrow(DisposedError);
    expect(() => backend.plan(i32(0), i32(0), { kind: "full" })).toThrow(DisposedError);
  });

  it("throws TypeError for a tensor of another backend", async () => {
    await using backend = createReferenceBackend();
    await using other = createReferenceBackend();
    using workspace = backend.workspace();
    const foreign = other.upload(f32(1), [1, 1]);
    const forged = { shape: [1, 1], dtype: "f32" as const, [dispose]() {} };
    for (const x of [foreign, forged]) {
      expect(() => workspace.activate(x, "relu")).toThrow(TypeError);
      expect(() => workspace.activate(x, "relu")).toThrow("x must be a tensor of this backend, it belongs to another");
    }
  });

  it("throws OutOfMemoryError for a result that cannot fit, and stays usable", async () => {
    await using backend = createReferenceBackend();
    using workspace = backend.workspace();
    const column = workspace.upload(new Float32Array(100_000), [100_000, 1]);
    const row = workspace.upload(new Float32Array(100_000), [1, 100_000]);
    const attempt = (): unknown => workspace.linear(column, row);
    expect(attempt).toThrow(OutOfMemoryError);
    expect(attempt).toThrow(
      expect.objectContaining({
        code: "out-of-memory",
        requestedBytes: 4e10,
        limitBytes: backend.limits.maxBufferBytes,
      }),
    );
    expect((await workspace.read(workspace.linear(row, column)))[0]).toBe(0);
  });
});

describe("abort", () => {
  it("lets checkpoint() and read() reject with the signal's reason", async () => {
    await using backend = createReferenceBackend();
    const controller = new AbortController();
    using workspace = backend.workspace(controller.signal);
    const x = workspace.upload(f32(1), [1, 1]);
    await workspace.checkpoint();
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(workspace.checkpoint()).rejects.toBe(reason);
    await expect(workspace.read(x)).rejects.toBe(reason);
    using other = backend.workspace();
    expect(await other.read(x)).toEqual(f32(1));
  });

  it("reaches a loop of checkpoints, which yields to the event loop", async () => {
    await using backend = createReferenceBackend();
    const controller = new AbortController();
    using workspace = backend.workspace(controller.signal);
    setTimeout(() => controller.abort(), 5);
    const loop = async (): Promise<void> => {
      for (;;) await workspace.checkpoint();
    };
    await expect(loop()).rejects.toMatchObject({ name: "AbortError" });
  });
});
