// Three networks for images of about as many weights: patches and attention (Dosovitskiy et al. 2021), two convolutions and
// attention (Hassani et al. 2021), and convolutions alone. All are configurations of the same model: a stem of convolutions
// and an encoder, which may have no layers.

import { describeModelWeights, type ModelConfig } from "@saccade/attention-core";

/** A convolution over the grid of the stage before. */
export interface GridStage {
  readonly size: number;
  readonly stride: number;
  readonly padding: number;
  readonly width: number;
}

/** A network, and the convolutions that its features have tables for. */
export interface ImageNetwork {
  readonly name: string;
  readonly stages: readonly GridStage[];
  readonly model: ModelConfig;
}

const three = { size: 3, padding: 1 } as const;

/** For images of `side` × `side` pixels: patches, convolutions and attention, convolutions. */
export function imageNetworks(side: number, labels: number): ImageNetwork[] {
  const positions = (side / 4) ** 2;
  return [
    networkOf("patches and attention", labels, [{ size: 4, stride: 4, padding: 0, width: 64 }], {
      layers: 2,
      feedForwardWidth: 128,
      positions,
      bare: true,
    }),
    networkOf(
      "convolutions and attention",
      labels,
      [
        { ...three, stride: 2, width: 32 },
        { ...three, stride: 2, width: 64 },
      ],
      { layers: 2, feedForwardWidth: 64, positions },
    ),
    networkOf(
      "convolutions alone",
      labels,
      [
        { ...three, stride: 2, width: 24 },
        { ...three, stride: 2, width: 48 },
        { ...three, stride: 1, width: 64 },
        { ...three, stride: 1, width: 64 },
      ],
      { layers: 0, feedForwardWidth: 64, positions: 0 },
    ),
  ];
}

/** The number of weights of a network. */
export function weightCount({ model }: ImageNetwork): number {
  return describeModelWeights(model).reduce(
    (sum, { shape }) => sum + shape.reduce((product, length) => product * length, 1),
    0,
  );
}

interface Shape {
  readonly layers: number;
  readonly feedForwardWidth: number;
  /** Learned positions, 0 for none. */
  readonly positions: number;
  /** Linear maps alone, as of patches: no norm and no activation. */
  readonly bare?: boolean;
}

function networkOf(name: string, labels: number, stages: readonly GridStage[], shape: Shape): ImageNetwork {
  const { layers, feedForwardWidth, positions, bare = false } = shape;
  const width = stages.at(-1)!.width;
  return {
    name,
    stages,
    model: {
      input: {
        kind: "convolutions",
        width: 1,
        stages: stages.map((stage) => ({
          taps: stage.size ** 2,
          width: stage.width,
          ...(!bare && { norm: true, activation: "relu" as const }),
        })),
      },
      encoder: {
        layers,
        width,
        heads: 4,
        feedForwardWidth,
        activation: "gelu",
        norm: "layer",
        placement: "pre",
        epsilon: 1e-5,
        positions: positions > 0 ? { kind: "learned", count: positions } : { kind: "none" },
      },
      head: { kind: "set-label", labels, pooling: { kind: "mean" } },
    },
  };
}
