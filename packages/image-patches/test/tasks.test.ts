import { type Image, clothing, greyImage, type ImageModelConfig, imageRows, patches } from "../src/index.ts";
import { describe, expect, test } from "vitest";
import { openTask, smallModel } from "./run-task.ts";

/** An image that looks like nothing else of its size. */
function drawn(width: number, height: number, seed = 1): Image {
  return greyImage(
    Uint8Array.from({ length: width * height }, (_, p) => (p * 31 * seed + (p >> 3) * 97) % 256),
    width,
    height,
  );
}

describe("clothing", () => {
  test("gives a label of each image with the probabilities of all, and the most probable first", async () => {
    await using pipeline = await openTask(clothing, smallModel("set-label"));
    const outputs = await pipeline.run([drawn(8, 8), drawn(20, 9, 3), drawn(1, 1)]);
    expect(outputs.length).toBe(3);
    for (const { label, score, labels } of outputs) {
      expect(labels.map((each) => each.label)).toEqual(["nothing", "coat", "bag"]);
      expect(labels.reduce((sum, each) => sum + each.score, 0)).toBeCloseTo(1, 6);
      expect(score).toBe(Math.max(...labels.map((each) => each.score)));
      expect(labels).toContainEqual({ label, score });
    }
    expect(await pipeline.run([])).toEqual([]);
  });

  test("sees the negative when told", async () => {
    await using plain = await openTask(clothing, smallModel("set-label"));
    await using inverted = await openTask(clothing, smallModel("set-label"), { invert: "always" });
    const image = drawn(8, 8);
    const negative = { ...image, data: image.data.map((value, i) => (i % 4 === 3 ? value : 255 - value)) };
    expect(await inverted.run([negative])).toEqual(await plain.run([image]));
    await expect(openTask(clothing, smallModel("set-label"), { invert: "sometimes" as "never" })).rejects.toThrow(
      "invert must be never, always or light-ground, it is sometimes",
    );
  });

  test("is the same with a window that holds the whole grid as with full attention", async () => {
    const image = drawn(8, 8, 5);
    const run = async (pattern: ImageModelConfig["pattern"]): Promise<number> => {
      await using pipeline = await openTask(clothing, smallModel("set-label", { pattern }));
      return (await pipeline.run([image]))[0]!.labels[0]!.score;
    };
    const full = await run({ kind: "full" });
    expect(await run({ kind: "grid-window", reach: [3, 3] })).toBe(full);
    expect(await run({ kind: "grid-window", reach: [1, 1] })).not.toBe(full);
  });

  test("pools by a class token that sees no pixel", async () => {
    const config = smallModel("set-label", { classToken: true });
    const first: ImageModelConfig = {
      ...config,
      model: { ...config.model, head: { kind: "set-label", labels: 3, pooling: { kind: "first" } } },
    };
    await using pipeline = await openTask(clothing, first);
    const [one, other] = await pipeline.explain([drawn(8, 8), drawn(8, 8, 9)], { full: true });
    expect(one!.output.labels).not.toEqual(other!.output.labels);
    // Before it has seen anything it is the same whatever the image, and attends by the same query.
    expect(one!.sets[0]!.layers[0]!.queries).toBe(17);
    await using without = await openTask(clothing, {
      ...first,
      model: { ...first.model, encoder: { ...first.model.encoder, layers: 0 } },
    });
    const [a, b] = await without.run([drawn(8, 8), drawn(8, 8, 9)]);
    expect(a).toEqual(b);
  });

  test("hands what is no image to onInputError, and works on the others", async () => {
    await using pipeline = await openTask(clothing, smallModel("set-label"));
    const broken = { data: new Uint8Array(12), width: 2, height: 2 };
    const seen: string[] = [];
    const outputs = await pipeline.run([drawn(8, 8), broken, drawn(8, 8)], {
      onInputError: (error) => {
        seen.push((error.cause as Error).message);
        return { label: "none", score: 0, labels: [] };
      },
    });
    expect(outputs.map(({ label }) => label === "none")).toEqual([false, true, false]);
    expect(seen).toEqual(["Cannot read an image: data must have 4 bytes for each of 2 x 2 pixels, 16; it has 12"]);
  });
});

describe("patches", () => {
  test("gives a label of each patch, and boxes around those that touch", async () => {
    await using pipeline = await openTask(patches, smallModel("position-labels"));
    const [output] = await pipeline.run([drawn(16, 24)]);
    const { rows, columns, patches: scores, items } = output!;
    expect([rows, columns, scores.length]).toEqual([4, 4, 16]);
    const held = scores.flatMap(({ label }, p) => (label === "nothing" ? [] : [p]));
    expect(items.flatMap((item) => item.patches).sort((a, b) => a - b)).toEqual(held);
    for (const { label, score, patches: members, left, top, width, height } of items) {
      for (const p of members) {
        expect(scores[p]!.label).toBe(label);
        expect((p % 4) * 4).toBeGreaterThanOrEqual(left);
        expect((p % 4) * 4 + 4).toBeLessThanOrEqual(left + width);
        expect(Math.floor(p / 4) * 6).toBeGreaterThanOrEqual(top);
        expect(Math.floor(p / 4) * 6 + 6).toBeLessThanOrEqual(top + height);
      }
      expect(score).toBeCloseTo(members.reduce((sum, p) => sum + scores[p]!.score, 0) / members.length, 12);
    }
  });

  test("moves labels with the image: patches beyond reach of what moved in keep theirs", async () => {
    // Without positions a patch is judged by what it sees alone: reach 1 in each of two layers.
    const base = smallModel("position-labels", { pattern: { kind: "grid-window", reach: [1, 1] } });
    const model = { ...base.model, encoder: { ...base.model.encoder, positions: { kind: "none" } as const } };
    const config: ImageModelConfig = {
      ...base,
      model,
      image: { ...base.image, rows: 20, columns: 20 },
      grid: [10, 10],
    };
    await using pipeline = await openTask(patches, config);
    const image = drawn(20, 20, 7);
    const moved = new Uint8Array(image.data.length).fill(255);
    for (let y = 2; y < 20; y += 1) {
      for (let x = 4; x < 20; x += 1) {
        const from = ((y - 2) * 20 + x - 4) * 4;
        moved.set(image.data.subarray(from, from + 4), (y * 20 + x) * 4);
      }
    }
    const [here, there] = await pipeline.run([image, { ...image, data: moved }]);
    for (let row = 2; row < 7; row += 1) {
      for (let column = 2; column < 6; column += 1) {
        const a = here!.patches[row * 10 + column]!;
        const b = there!.patches[(row + 1) * 10 + column + 2]!;
        expect(b.label).toBe(a.label);
        expect(b.score).toBeCloseTo(a.score, 5);
      }
    }
  });
});

describe("opening a model", () => {
  const whole = smallModel("set-label");
  const encoder = whole.model.encoder;
  test.each<[string, unknown, RegExp]>([
    ["of no configuration", null, /the configuration must be a object, it is of type null/u],
    ["of another head", smallModel("position-labels"), /head must be "set-label", the model has "position-labels"/u],
    ["of too few labels", { ...whole, labels: ["coat"] }, /labels must be as many as the head scores, 3; there are 1/u],
    ["whose stem has other taps", { ...whole, stem: [{ size: [3, 3] }] }, /stem.0.size must have as many taps .* 4/u],
    ["whose stem has other stages", { ...whole, stem: [] }, /stem must have an entry for each of 1 stages/u],
    ["of another grid", { ...whole, grid: [4, 5] }, /grid must be what the stem leaves, 4 x 4; it is 4,5/u],
    [
      "of two channels",
      { ...whole, image: { ...whole.image, channels: 2 } },
      /image.channels must be 1 or 3, it is 2/u,
    ],
    ["without a mean", { ...whole, image: { ...whole.image, mean: [] } }, /image.mean must be 1 finite numbers/u],
    ["of a scale of 0", { ...whole, image: { ...whole.image, scale: [0] } }, /image.scale must not be 0/u],
    ["of another pattern", { ...whole, pattern: { kind: "causal" } }, /pattern.kind must be one of full, grid-window/u],
    [
      "of too few positions",
      { ...whole, model: { ...whole.model, encoder: { ...encoder, positions: { kind: "learned", count: 15 } } } },
      /count must be at least 16/u,
    ],
    [
      "of waves on another grid",
      {
        ...whole,
        model: { ...whole.model, encoder: { ...encoder, positions: { kind: "sinusoidalGrid", columns: 5 } } },
      },
      /columns must be the grid's, 4; it is 5/u,
    ],
    [
      "of a class token on a grid",
      {
        ...whole,
        classToken: true,
        model: {
          ...whole.model,
          encoder: { ...encoder, positionBias: { kind: "relative2d", reach: [2, 2], columns: 4 } },
        },
      },
      /a class token must go with learned positions or none/u,
    ],
    ["whose empty label is none", { ...whole, empty: "void" }, /empty must be one of the labels, it is void/u],
  ])("refuses one %s", async (_, config, message) => {
    const error: unknown = await openTask(clothing, config as ImageModelConfig).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "ModelMismatchError", message: expect.stringMatching(message) as unknown });
  });
});

test("imageRows() of an image that fits is what the model reads", () => {
  const { image } = smallModel("set-label");
  expect(imageRows(drawn(8, 8), image).length).toBe(64);
});
