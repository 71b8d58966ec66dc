// The network of the recipes in this folder, a compact convolutional transformer (Hassani et al. 2021, "Escaping the Big Data
// Paradigm with Compact Transformers"): convolutions of 3 × 3 that leave a coarse grid, a few layers of attention over it.

import { type Grid, type HeadConfig, type ModelConfig } from "@saccade/attention-core";
import {
  type ImageFormat,
  type ImageModelConfig,
  type ImagePattern,
  type StemGeometry,
  stemWindows,
} from "@saccade/image-patches";

/** A convolution of 3 × 3 over zeros all around: columns of its rows, and 2 where it halves rows and columns. */
export interface StageSettings {
  readonly width: number;
  readonly stride: 1 | 2;
}

/** How large the network is. */
export interface NetworkSettings {
  readonly stages: readonly StageSettings[];
  readonly layers: number;
  readonly heads: number;
  /** Columns between the maps of a feed-forward block, in widths. */
  readonly feedForward: number;
}

/**
 * What is added to a patch for its place: a learned row, where places mean something; waves by row and column (Vaswani et al.
 * 2017), whose products tell distances, where things may stand anywhere.
 */
export type NetworkPositions = "learned" | "waves";

const side = 3;

/** The configuration of a network over images of `format`; its width is that of the last stage. */
export function imageNetwork(
  name: string,
  { stages, layers, heads, feedForward }: NetworkSettings,
  head: HeadConfig,
  labels: readonly string[],
  format: ImageFormat,
  more: { readonly empty?: string; readonly pattern?: ImagePattern; readonly positions?: NetworkPositions } = {},
): ImageModelConfig & { readonly name: string; readonly version: 1 } {
  const stem = stages.map(({ stride }): StemGeometry => ({
    size: [side, side],
    stride: [stride, stride],
    padding: [1, 1, 1, 1],
  }));
  const width = stages.at(-1)!.width;
  const { grid } = stemWindows([format.rows, format.columns], stem);
  const { empty, pattern = { kind: "full" }, positions = "learned" } = more;
  return {
    name,
    version: 1,
    model: {
      input: {
        kind: "convolutions",
        width: format.channels,
        stages: stages.map((stage) => ({ taps: side * side, width: stage.width, activation: "relu", norm: true })),
      },
      encoder: {
        layers,
        width,
        heads,
        feedForwardWidth: feedForward * width,
        activation: "relu",
        norm: "layer",
        placement: "pre",
        epsilon: 1e-5,
        positions: positionsOf(grid, positions),
      },
      head,
    },
    labels,
    ...(empty !== undefined && { empty }),
    image: format,
    stem,
    grid,
    pattern,
  };
}

function positionsOf(grid: Grid, positions: NetworkPositions): ModelConfig["encoder"]["positions"] {
  return positions === "learned"
    ? { kind: "learned", count: grid[0] * grid[1] }
    : { kind: "sinusoidalGrid", columns: grid[1] };
}
