// Scenes for labels of patches: pieces of Fashion-MNIST on a black canvas, one to four of them, whose place is known because
// we put them there. The same images and seed give the same scenes, in training and in `evaluate`.
//
// - Every image is in one scene. Scenes have 1, 2, 3, 4, 1, 2, ... pieces, so that ten images make four scenes; images that
//   do not fill the last scene are left out.
// - A piece may stand anywhere on the canvas. Places are drawn anew while its square shares more than a quarter with the
//   square of a piece before it, at most `placeTries` times; then it stands where it was drawn last.
// - Later pieces stand before earlier ones, and a pixel that is 0 lets through what is behind it.
// - A patch holds the class that most of its pixels belong to, by the piece that is seen there (a pixel above 0), the lower
//   class where two have as many. It holds none if those are fewer than an eighth of its pixels: `background`.

import { type RandomStream, randomStream } from "@saccade/attention-core";
import type { LabelledImages } from "../../records/labelled-images.ts";

/** How scenes are laid out. */
export interface SceneSettings {
  /** Of the canvas, in pixels; a multiple of `patch`. */
  readonly side: number;
  /** Of a patch, in pixels. */
  readonly patch: number;
}

/** Where the pieces of a scene stand, back to front. */
export interface Scene {
  readonly pieces: readonly Piece[];
}

/** A piece: its image, where its upper left corner is, and whether it is mirrored. */
export interface Piece {
  readonly image: number;
  readonly top: number;
  readonly left: number;
  readonly mirrored: boolean;
}

/** A scene in pixels, and what its patches hold. */
export interface PaintedScene {
  /** 0 to 255 [side · side]. */
  readonly pixels: Uint8Array;
  /** The class of each patch, row by row; L, one more than the last class, for background. */
  readonly labels: Uint8Array;
}

const mostPieces = 4;
const placeTries = 50;
/** The share of a square that another may cover. */
const mostShared = 1 / 4;
/** The share of a patch's pixels that its class must have. */
const leastHeld = 1 / 8;

/** How many scenes `count` images make. */
export function sceneCount(count: number): number {
  const cycle = (mostPieces * (mostPieces + 1)) / 2;
  let scenes = mostPieces * Math.floor(count / cycle);
  for (let left = count % cycle, pieces = 1; left >= pieces; left -= pieces, pieces += 1) scenes += 1;
  return scenes;
}

/**
 * Scenes of `count` images of `size` pixels a side. `name` gives a seed scenes of their own, such as those of an epoch;
 * `mirror` also turns half of all pieces round. Throws `RangeError` if an image does not fit onto the canvas.
 */
export function planScenes(
  count: number,
  size: number,
  { side }: SceneSettings,
  seed: number,
  name: string,
  mirror = false,
): Scene[] {
  if (size > side) {
    throw new RangeError(`Cannot plan scenes: images must fit onto a canvas of ${side} pixels, they have ${size}`);
  }
  const random = randomStream(seed, `scenes ${name}`);
  const order = shuffled(count, random);
  let next = 0;
  return Array.from({ length: sceneCount(count) }, (_, scene) => {
    const pieces: Piece[] = [];
    for (let i = 0; i < (scene % mostPieces) + 1; i += 1) {
      const place = drawPlace(pieces, size, side, random);
      pieces.push({ ...place, image: order[next]!, mirrored: mirror && random.uniform() < 0.5 });
      next += 1;
    }
    return { pieces };
  });
}

/** The pixels of a scene, and the label of each patch, of `labelCount` classes. */
export function paintScene(
  { pieces }: Scene,
  { pixels, rows, columns, labels }: LabelledImages,
  { side, patch }: SceneSettings,
  labelCount: number,
): PaintedScene {
  const canvas = new Uint8Array(side * side);
  const classes = new Uint8Array(side * side).fill(labelCount);
  for (const { image, top, left, mirrored } of pieces) {
    for (let y = 0; y < rows; y += 1) {
      for (let x = 0; x < columns; x += 1) {
        const value = pixels[image * rows * columns + y * columns + (mirrored ? columns - 1 - x : x)]!;
        if (value === 0) continue;
        const at = (top + y) * side + left + x;
        canvas[at] = value;
        classes[at] = labels[image]!;
      }
    }
  }
  return { pixels: canvas, labels: labelPatches(classes, side, patch, labelCount) };
}

function labelPatches(classes: Uint8Array, side: number, patch: number, labelCount: number): Uint8Array {
  const across = side / patch;
  const least = patch * patch * leastHeld;
  const counts = new Int32Array(labelCount);
  return Uint8Array.from({ length: across * across }, (_, p) => {
    counts.fill(0);
    const first = Math.floor(p / across) * patch * side + (p % across) * patch;
    for (let y = 0; y < patch; y += 1) {
      for (let x = 0; x < patch; x += 1) {
        const found = classes[first + y * side + x]!;
        if (found < labelCount) counts[found]! += 1;
      }
    }
    let most = 0;
    for (let label = 1; label < labelCount; label += 1) if (counts[label]! > counts[most]!) most = label;
    return counts[most]! >= least ? most : labelCount;
  });
}

function drawPlace(
  pieces: readonly Piece[],
  size: number,
  side: number,
  random: RandomStream,
): { readonly top: number; readonly left: number } {
  let place = { top: 0, left: 0 };
  for (let tries = 0; tries < placeTries; tries += 1) {
    place = {
      top: Math.floor(random.uniform() * (side - size + 1)),
      left: Math.floor(random.uniform() * (side - size + 1)),
    };
    const { top, left } = place;
    const covers = (piece: Piece): boolean =>
      Math.max(0, size - Math.abs(piece.top - top)) * Math.max(0, size - Math.abs(piece.left - left)) >
      mostShared * size * size;
    if (!pieces.some(covers)) break;
  }
  return place;
}

function shuffled(count: number, random: RandomStream): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i -= 1) {
    const other = Math.floor(random.uniform() * (i + 1));
    const value = order[i]!;
    order[i] = order[other]!;
    order[other] = value;
  }
  return order;
}
