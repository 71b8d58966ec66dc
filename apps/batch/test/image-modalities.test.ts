// The tasks on images against the contract of a modality: a small model whose weights are drawn, which has all that a model
// may have, and the one that is shipped.

import { describeModelWeights, initialWeights } from "@saccade/attention-core";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { describeModality, type ModalityTrial } from "@saccade/conformance";
import {
  clothing,
  greyImage,
  type Image,
  type ImageModelConfig,
  type ImageSettings,
  patches,
} from "@saccade/image-patches";
import { clothingModel } from "@saccade/image-patches/models/clothing";
import { patchesModel } from "@saccade/image-patches/models/patches";
import { openModel, packModel } from "@saccade/model-files";
import { describe, test } from "vitest";

function drawn(width: number, height: number): Image {
  const grey = Uint8Array.from({ length: width * height }, (_, p) => (p * 31 + width) % 256);
  return greyImage(grey, width, height);
}

/** Of the model's own size, larger, smaller, and with pixels that are not opaque. */
const inputs: readonly Image[] = [
  drawn(12, 12),
  drawn(50, 31),
  drawn(1, 1),
  { data: Uint8ClampedArray.from({ length: 4 * 7 * 9 }, (_, i) => (i * 37) % 256), width: 7, height: 9 },
];

const refused = [
  5,
  null,
  undefined,
  {},
  "image.png",
  { data: new Uint8Array(0), width: 0, height: 0 },
  { data: new Uint8Array(3), width: 1, height: 1 },
  { data: new Float32Array(4), width: 1, height: 1 },
  { data: new Uint8Array(4), width: NaN, height: 1 },
  { data: new Uint8Array(4), width: 2 ** 31, height: 2 ** 31 },
];

/** Two stages leave a grid of 3 x 3; attention in a window of it, biased by distance on it. */
function configOf(head: ImageModelConfig["model"]["head"]): ImageModelConfig & { readonly name: string } {
  return {
    name: "drawn",
    model: {
      input: {
        kind: "convolutions",
        width: 3,
        stages: [
          { taps: 9, width: 4, activation: "relu", norm: true },
          { taps: 4, width: 8 },
        ],
      },
      encoder: {
        layers: 1,
        width: 8,
        heads: 2,
        feedForwardWidth: 8,
        activation: "gelu",
        norm: "layer",
        placement: "pre",
        epsilon: 1e-5,
        positions: { kind: "learned", count: 9 },
        positionBias: { kind: "relative2d", reach: [2, 2], columns: 3 },
      },
      head,
    },
    labels: ["nothing", "coat"],
    empty: "nothing",
    image: {
      rows: 12,
      columns: 12,
      channels: 3,
      mean: [0.5, 0.5, 0.5],
      scale: [0.25, 0.25, 0.25],
      background: [0, 0, 0],
      fit: "contain",
    },
    stem: [
      { size: [3, 3], stride: [2, 2], padding: [1, 1, 1, 1] },
      { size: [2, 2], stride: [2, 2] },
    ],
    grid: [3, 3],
    pattern: { kind: "grid-window", reach: [1, 1] },
  };
}

function trialOf(head: ImageModelConfig["model"]["head"]): ModalityTrial<Image, ImageSettings> {
  const config = configOf(head);
  return {
    model: async () =>
      openModel(
        await packModel({ config: { ...config }, weights: initialWeights(describeModelWeights(config.model), 1) }),
      ),
    inputs,
    refused,
  };
}

describeModality(clothing, trialOf({ kind: "set-label", labels: 2, pooling: { kind: "attention", heads: 2 } }), {
  describe,
  test,
});
describeModality(patches, trialOf({ kind: "position-labels", labels: 2 }), { describe, test });

describe("the shipped models", () => {
  describeModality(
    clothing,
    { model: () => openModel(clothingModel), inputs, refused, backend: createWasmBackend },
    { describe, test },
  );
  describeModality(
    patches,
    { model: () => openModel(patchesModel), inputs, refused, backend: createWasmBackend },
    { describe, test },
  );
});
