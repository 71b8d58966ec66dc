import {
  asyncDispose,
  describeEncoderWeights,
  dispose,
  DisposedError,
  encode,
  initialWeights,
  layoutEncoder,
  offsetsOf,
  OutOfMemoryError,
  type Tensor,
  type TrainingBackend,
  uploadWeights,
} from "@saccade/attention-core";
import { createReferenceBackend, createReferenceTrainingBackend } from "@saccade/attention-core/reference";
import { describe, expect, test } from "vitest";
import { drawValues, smallEncoder, smallModels } from "../../test/models.ts";
import { differentiable, dropBranches, type Tape, uploadParameters } from "../index.ts";

function open() {
  const device = createReferenceTrainingBackend();
  return { device, backend: differentiable(device) };
}

const offsets = offsetsOf([2, 3]);

function expectClose(found: Float32Array, expected: Float32Array): void {
  expect(found.length).toBe(expected.length);
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i]!, 5);
}

describe("a tape", () => {
  test("keeps what layers dispose until it has gone back, and frees it on the way", async () => {
    const { device, backend } = open();
    const specs = describeEncoderWeights({ ...smallEncoder, layers: 6 });
    const parameters = uploadParameters(backend, specs, initialWeights(specs, 1));
    const weights = layoutEncoder({ ...smallEncoder, layers: 6 }, parameters.find);
    const uploaded = device.liveTensors;
    const tape = backend.tape();
    const x = tape.upload(drawValues(1, 40), [5, 8]);
    const plan = backend.plan(offsets, offsets, { kind: "full" });
    const { rows } = await encode(tape, { ...smallEncoder, layers: 6 }, weights, x, plan);
    const recorded = device.liveTensors - uploaded;
    expect(recorded).toBeGreaterThan(6 * 10);
    const live: number[] = [];
    const gradients = await tape.backward([{ tensor: rows, gradient: drawValues(2, 40) }]);
    live.push(device.liveTensors - uploaded);
    // What is left: the input, the output, and a gradient for each parameter.
    expect(live).toEqual([2 + specs.length]);
    expect(gradients.size).toBe(specs.length);
    for (const gradient of gradients.values()) gradient[dispose]();
    expect(device.liveTensors).toBe(uploaded + 2);
    tape[dispose]();
    expect(device.liveTensors).toBe(uploaded);
    parameters[dispose]();
    expect(device.liveTensors).toBe(0);
  });

  test("that is not walked back frees everything with itself, parameters that were replaced included", async () => {
    const { device, backend } = open();
    const weight = backend.parameter(drawValues(1, 6), [2, 3]);
    const tape = backend.tape();
    const y = tape.linear(tape.upload(drawValues(2, 4), [2, 2]), weight.tensor);
    tape.linear(y, tape.upload(drawValues(3, 6), [3, 2]));
    weight.set(drawValues(4, 6));
    tape[dispose]();
    expect(device.liveTensors).toBe(1);
    weight[dispose]();
    expect(device.liveTensors).toBe(0);
  });

  test("records nothing that does not lead to a parameter", async () => {
    const { device, backend } = open();
    const frozen = backend.upload(drawValues(1, 9), [3, 3]);
    const weight = backend.parameter(drawValues(2, 9), [3, 3]);
    const tape = backend.tape();
    const x = tape.upload(drawValues(3, 6), [2, 3]);
    const before = tape.linear(x, frozen, null, "gelu");
    const live = device.liveTensors;
    const y = tape.linear(before, weight.tensor);
    before[dispose]();
    x[dispose]();
    // y is new; x is gone, since nothing that was recorded reads it.
    expect(device.liveTensors).toBe(live + 1 - 1);
    const gradients = await tape.backward([{ tensor: y, gradient: drawValues(4, 6) }]);
    expect([...gradients.keys()]).toEqual([weight.tensor]);
  });

  test("gives the gradient of inputs and of results that are watched", async () => {
    const { backend } = open();
    const tape = backend.tape();
    const x = tape.watch(tape.upload(Float32Array.of(1, 2), [1, 2]));
    const doubled = tape.watch(tape.add(x, x));
    const y = tape.multiply(doubled, doubled);
    const gradients = await tape.backward([{ tensor: y, gradient: Float32Array.of(1, 1) }]);
    expect(await tape.read(gradients.get(doubled)!)).toEqual(Float32Array.of(4, 8));
    expect(await tape.read(gradients.get(x)!)).toEqual(Float32Array.of(8, 16));
  });

  test("adds up the gradients of several roots, and of uses of one parameter", async () => {
    const { backend } = open();
    const weight = backend.parameter(Float32Array.of(3), [1, 1]);
    const tape = backend.tape();
    const once = tape.linear(tape.upload(Float32Array.of(2), [1, 1]), weight.tensor);
    const twice = tape.linear(once, weight.tensor);
    const gradients = await tape.backward([
      { tensor: once, gradient: Float32Array.of(1) },
      { tensor: twice, gradient: Float32Array.of(1) },
      { tensor: twice, gradient: Float32Array.of(1) },
    ]);
    // d/dw (2w + 2 · 2w²) at w = 3.
    expect(await tape.read(gradients.get(weight.tensor)!)).toEqual(Float32Array.of(2 + 2 * 4 * 3));
  });

  test("gives two parameters gradients of their own where one gradient flows into both", async () => {
    const { backend } = open();
    const [a, b] = [backend.parameter(Float32Array.of(1), [1]), backend.parameter(Float32Array.of(2), [1])];
    const tape = backend.tape();
    const gradients = await tape.backward([{ tensor: tape.add(a.tensor, b.tensor), gradient: Float32Array.of(5) }]);
    gradients.get(a.tensor)![dispose]();
    expect(await tape.read(gradients.get(b.tensor)!)).toEqual(Float32Array.of(5));
  });

  test("returns the maps that were asked for, the log-sum-exp only then", async () => {
    const { backend } = open();
    const q = backend.parameter(drawValues(1, 20), [5, 4]);
    const plan = backend.plan(offsets, offsets, { kind: "full" });
    const plain = createReferenceBackend();
    const workspace = plain.workspace();
    const same = workspace.upload(drawValues(1, 20), [5, 4]);
    for (const maps of [
      undefined,
      { entropy: true },
      { logSumExp: true, topK: 2 },
      { full: "weights" as const, rows: Int32Array.of(1) },
    ]) {
      const tape = backend.tape();
      const options = { heads: 2, ...(maps && { maps }) };
      const attended = tape.attention(q.tensor, q.tensor, q.tensor, plan, options);
      const expected = workspace.attention(same, same, same, plan, options);
      expect(Object.keys(attended.maps).toSorted()).toEqual(Object.keys(expected.maps).toSorted());
      for (const name of ["entropy", "logSumExp", "full", "rows"] as const) {
        const map = attended.maps[name];
        if (!map) continue;
        expect(await tape.read(map)).toEqual(await workspace.read(expected.maps[name]!));
        map[dispose]();
      }
      const gradients = await tape.backward([{ tensor: attended.output, gradient: drawValues(3, 20) }]);
      expect(gradients.size).toBe(1);
    }
  });

  test("keeps copies that outlive it and have no gradient", async () => {
    const { backend } = open();
    const weight = backend.parameter(Float32Array.of(2), [1, 1]);
    const tape = backend.tape();
    const kept = tape.keep(tape.linear(tape.upload(Float32Array.of(3), [1, 1]), weight.tensor));
    tape[dispose]();
    const next = backend.tape();
    const y = next.add(kept, kept);
    expect(await next.read(y)).toEqual(Float32Array.of(12));
    expect((await next.backward([{ tensor: y, gradient: Float32Array.of(1) }])).size).toBe(0);
  });

  test("goes back once, and refuses gradients of other sizes and tensors of others", async () => {
    const { backend, device } = open();
    const weight = backend.parameter(Float32Array.of(2), [1, 1]);
    const tape = backend.tape();
    const y = tape.linear(tape.upload(Float32Array.of(3), [1, 1]), weight.tensor);
    await expect(tape.backward([{ tensor: y, gradient: new Float32Array(2) }])).rejects.toThrow(
      "the 1 values of its tensor, it has 2",
    );
    await tape.backward([{ tensor: y, gradient: Float32Array.of(1) }]);
    await expect(tape.backward([{ tensor: y, gradient: Float32Array.of(1) }])).rejects.toThrow("a tape goes back once");
    expect(() => tape.linear(y, weight.tensor)).toThrow("must not have gone back");
    await expect(backend.workspace().backward([])).rejects.toThrow("must be a recording tape");
    const foreign = device.upload(Float32Array.of(1), [1, 1]);
    expect(() => tape.add(foreign, foreign)).toThrow("made by this differentiable backend");
    const gone: Tensor = tape.upload(Float32Array.of(1), [1]);
    gone[dispose]();
    expect(() => tape.add(gone, gone)).toThrow(DisposedError);
  });

  test("leaves nothing behind where a gradient does not fit into memory", async () => {
    const device = createReferenceTrainingBackend();
    const full = new OutOfMemoryError("Cannot allocate: no", 1, 0);
    // The device as it is, but for one gradient that fails.
    const failing: TrainingBackend = {
      name: device.name,
      limits: device.limits,
      lost: device.lost,
      upload: (values, shape) => device.upload(values, shape),
      plan: (...given) => device.plan(...given),
      workspace: (signal) =>
        Object.defineProperty(device.workspace(signal), "linearWeightGradient", {
          value: () => {
            throw full;
          },
        }),
      [asyncDispose]: async () => device[asyncDispose](),
    };
    const backend = differentiable(failing);
    const weight = backend.parameter(drawValues(1, 9), [3, 3]);
    const tape = backend.tape();
    const y = tape.linear(tape.linear(tape.upload(drawValues(2, 3), [1, 3]), weight.tensor), weight.tensor);
    await expect(tape.backward([{ tensor: y, gradient: drawValues(3, 3) }])).rejects.toBe(full);
    weight[dispose]();
    tape[dispose]();
    expect(device.liveTensors).toBe(0);
  });

  test("rejects with the reason of the signal on the way back, and leaves nothing behind", async () => {
    const { device, backend } = open();
    const weight = backend.parameter(drawValues(1, 9), [3, 3]);
    const controller = new AbortController();
    const tape = backend.tape({ signal: controller.signal });
    let y: Tensor = tape.upload(drawValues(2, 3), [1, 3]);
    for (let i = 0; i < 30; i += 1) y = tape.linear(y, weight.tensor);
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(tape.backward([{ tensor: y, gradient: drawValues(3, 3) }])).rejects.toBe(reason);
    tape[dispose]();
    expect(device.liveTensors).toBe(1);
  });
});

describe("dropout", () => {
  const x = new Float32Array(400).fill(1);

  async function run(tape: Tape): Promise<Float32Array> {
    return tape.read(tape.dropout(tape.upload(x, [20, 20]), 0.25));
  }

  test("drops about the share that it is told, and keeps the mean", async () => {
    const { backend } = open();
    const y = await run(backend.tape({ seed: 5 }));
    const zeros = y.filter((value) => value === 0).length;
    expect(zeros).toBeGreaterThan(70);
    expect(zeros).toBeLessThan(130);
    expect(new Set(y)).toEqual(new Set([0, Math.fround(1 / 0.75)]));
  });

  test("is the same for a seed, another for another seed and for another call", async () => {
    const { backend } = open();
    const tape = backend.tape({ seed: 5 });
    const first = await run(tape);
    expect(await run(tape)).not.toEqual(first);
    expect(await run(backend.tape({ seed: 5 }))).toEqual(first);
    expect(await run(backend.tape({ seed: 6 }))).not.toEqual(first);
  });

  test("goes back through the elements that it kept", async () => {
    const { backend } = open();
    const tape = backend.tape({ seed: 5 });
    const input = tape.watch(tape.upload(x, [20, 20]));
    const y = tape.dropout(input, 0.25);
    const gradients = await tape.backward([{ tensor: y, gradient: x }]);
    expect(await tape.read(gradients.get(input)!)).toEqual(await tape.read(y));
  });

  test("does nothing in use, nor at rate 0, and hands out a handle of its own", async () => {
    const { device, backend } = open();
    for (const workspace of [backend.workspace(), backend.tape()]) {
      const input = workspace.upload(x, [20, 20]);
      const live = device.liveTensors;
      const y = workspace.dropout(input, workspace.recording ? 0 : 0.5);
      input[dispose]();
      expect(await workspace.read(y)).toEqual(x);
      expect(device.liveTensors).toBe(live);
      y[dispose]();
      expect(device.liveTensors).toBe(live - 1);
    }
    expect(() => backend.tape().dropout(backend.upload(x, [400]), 1)).toThrow(
      "rate must be from 0 to below 1, it is 1",
    );
    expect(() => backend.tape({ attentionDropout: -0.1 })).toThrow(
      "attentionDropout must be from 0 to below 1, it is -0.1",
    );
  });

  test("of attention and branches changes what a tape computes, the same for a seed, and not what a workspace does", async () => {
    const device = createReferenceTrainingBackend();
    const backend = differentiable(device);
    const specs = describeEncoderWeights(smallEncoder);
    const parameters = uploadParameters(backend, specs, initialWeights(specs, 1));
    const weights = layoutEncoder(smallEncoder, parameters.find);
    const plan = backend.plan(offsets, offsets, { kind: "full" });
    const hidden = async (tape: Tape, branches: number): Promise<Float32Array> => {
      const rows = tape.upload(drawValues(1, 40), [5, 8]);
      return tape.read(
        (await encode(tape, smallEncoder, weights, rows, plan, { onBranch: dropBranches(tape, branches) })).rows,
      );
    };
    const plain = createReferenceBackend();
    const workspace = plain.workspace();
    const own = layoutEncoder(smallEncoder, uploadWeights(plain, parameters.weights).find);
    const expected = await workspace.read(
      (await encode(workspace, smallEncoder, own, workspace.upload(drawValues(1, 40), [5, 8]), plan)).rows,
    );
    expect(await hidden(backend.workspace(), 0.5)).toEqual(expected);
    expectClose(await hidden(backend.tape(), 0), expected);
    const attention = await hidden(backend.tape({ attentionDropout: 0.5, seed: 3 }), 0);
    const branches = await hidden(backend.tape({ seed: 3 }), 0.5);
    expect(attention).not.toEqual(expected);
    expect(branches).not.toEqual(expected);
    expect(await hidden(backend.tape({ attentionDropout: 0.5, seed: 3 }), 0)).toEqual(attention);
    expect(await hidden(backend.tape({ seed: 3 }), 0.5)).toEqual(branches);
  });
});

test("a differentiable backend runs models as the backend under it does", async () => {
  for (const model of smallModels()) {
    const { backend } = open();
    const parameters = uploadParameters(backend, model.specs, model.weights);
    const plain = createReferenceBackend();
    const workspace = plain.workspace();
    const expected = await workspace.read(
      await model.scores(plain, workspace, uploadWeights(plain, model.weights).find),
    );
    const [inUse, recording] = [backend.workspace(), backend.tape()];
    expect(await inUse.read(await model.scores(backend, inUse, parameters.find))).toEqual(expected);
    // A recorded activation reads what the linear map rounded.
    expectClose(await recording.read(await model.scores(backend, recording, parameters.find)), expected);
  }
});
