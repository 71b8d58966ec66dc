// What the files of an image model say besides its weights: the network, its labels, what it sees of an image, and where
// its convolutions look. Training writes it and tasks read it, so that both see the same.

import {
  checkInteger,
  checkKind,
  checkModelConfig,
  checkOneOf,
  type Grid,
  type ModelConfig,
} from "@saccade/attention-core";
import type { ImagePattern } from "../features/grid-pattern.ts";
import { type StemGeometry, stemWindows } from "../features/stem-windows.ts";
import { checkImageFormat, type ImageFormat } from "../pixels/image-rows.ts";

/** What config.json of an image model says, besides name and version. */
export interface ImageModelConfig {
  /** Reads convolutions over the channels of pixels. */
  readonly model: ModelConfig;
  /** L names, in the order of the scores. */
  readonly labels: readonly string[];
  /** Of labels of patches, the one of those that hold nothing; left out if there is none. */
  readonly empty?: string;
  readonly image: ImageFormat;
  /** Where each stage of `model.input` looks. */
  readonly stem: readonly StemGeometry[];
  /** What the last stage leaves: rows and columns of patches. */
  readonly grid: Grid;
  readonly pattern: ImagePattern;
  /** A position before the patches that sees no pixel, for pooling "first". Default false. */
  readonly classToken?: boolean;
}

/** Throws `TypeError` or `RangeError` unless `config` describes an image model whose parts agree, naming the field. */
export function checkImageModelConfig(config: ImageModelConfig, subject = "image model"): void {
  checkKind(subject, "the configuration", config, "object");
  const { model, labels, image } = config;
  checkModelConfig(model, `${subject}.model`);
  checkImageFormat(subject, image);
  if (!Array.isArray(labels) || !labels.every((label) => typeof label === "string")) {
    throw new TypeError(`Cannot use ${subject}: labels must be a list of strings, they are none`);
  }
  if (labels.length !== model.head.labels) {
    throw new RangeError(
      `Cannot use ${subject}: labels must be as many as the head scores, ${model.head.labels}; there are ${labels.length}`,
    );
  }
  if (config.empty !== undefined && !labels.includes(config.empty)) {
    throw new RangeError(`Cannot use ${subject}: empty must be one of the labels, it is ${String(config.empty)}`);
  }
  checkPattern(subject, config.pattern);
  if (config.classToken !== undefined) checkKind(subject, "classToken", config.classToken, "boolean");
  checkStem(subject, config);
  checkPositions(subject, config);
}

function checkPattern(subject: string, pattern: ImagePattern): void {
  checkKind(subject, "pattern", pattern, "object");
  checkOneOf(subject, "pattern.kind", pattern.kind, ["full", "grid-window"]);
  if (pattern.kind !== "grid-window") return;
  if (!Array.isArray(pattern.reach) || pattern.reach.length !== 2) {
    throw new TypeError(`Cannot use ${subject}: pattern.reach must be two integers, rows and columns`);
  }
  for (const reach of pattern.reach) checkInteger(subject, "pattern.reach", reach, 0, 4096);
}

function checkStem(subject: string, { model, image, stem, grid, classToken }: ImageModelConfig): void {
  const { input } = model;
  if (input.kind !== "convolutions" || input.width !== image.channels) {
    const actual = input.kind === "convolutions" ? `convolutions over ${input.width}` : input.kind;
    throw new RangeError(
      `Cannot use ${subject}: the model must read convolutions over ${image.channels} channels, it reads ${actual}`,
    );
  }
  if (!Array.isArray(stem) || stem.length !== input.stages.length) {
    throw new RangeError(
      `Cannot use ${subject}: stem must have an entry for each of ${input.stages.length} stages, it has not`,
    );
  }
  stem.forEach((geometry: StemGeometry, stage) => {
    const name = `stem.${stage}`;
    checkKind(subject, name, geometry, "object");
    checkSides(subject, `${name}.size`, geometry.size, 2, 1);
    if (geometry.stride !== undefined) checkSides(subject, `${name}.stride`, geometry.stride, 2, 1);
    if (geometry.padding !== undefined) checkSides(subject, `${name}.padding`, geometry.padding, 4, 0);
    const taps = geometry.size[0] * geometry.size[1];
    if (taps !== input.stages[stage]!.taps) {
      throw new RangeError(
        `Cannot use ${subject}: ${name}.size must have as many taps as its stage, ${input.stages[stage]!.taps}; it has ${taps}`,
      );
    }
  });
  const made = stemWindows([image.rows, image.columns], stem, classToken).grid;
  if (!Array.isArray(grid) || grid[0] !== made[0] || grid[1] !== made[1]) {
    throw new RangeError(
      `Cannot use ${subject}: grid must be what the stem leaves, ${made.join(" x ")}; it is ${String(grid)}`,
    );
  }
}

function checkSides(subject: string, name: string, sides: readonly number[], count: number, from: number): void {
  if (!Array.isArray(sides) || sides.length !== count) {
    throw new TypeError(`Cannot use ${subject}: ${name} must be ${count} integers, it is ${String(sides)}`);
  }
  for (const side of sides) checkInteger(subject, name, side, from, 4096);
}

/** What the encoder knows of positions must be the grid's. */
function checkPositions(subject: string, { model, grid, classToken = false }: ImageModelConfig): void {
  const { positions, positionBias } = model.encoder;
  const P = grid[0] * grid[1] + (classToken ? 1 : 0);
  if (positions.kind === "learned" && positions.count < P) {
    throw new RangeError(
      `Cannot use ${subject}: encoder.positions.count must be at least ${P} positions, it is ${positions.count}`,
    );
  }
  const ofGrid = [
    ["encoder.positions", positions.kind === "sinusoidalGrid" ? positions.columns : undefined] as const,
    ["encoder.positionBias", positionBias?.kind === "relative2d" ? positionBias.columns : undefined] as const,
  ];
  for (const [name, columns] of ofGrid) {
    if (columns === undefined) continue;
    if (columns !== grid[1]) {
      throw new RangeError(`Cannot use ${subject}: ${name}.columns must be the grid's, ${grid[1]}; it is ${columns}`);
    }
    // It would stand at the place of the first patch, and every patch at that of the one before.
    if (classToken) {
      throw new RangeError(
        `Cannot use ${subject}: a class token must go with learned positions or none, ${name} is by place on the grid`,
      );
    }
  }
  if (classToken && model.head.kind === "position-labels") {
    throw new RangeError(`Cannot use ${subject}: a model that labels patches must have no class token, it has one`);
  }
}
