// Pixels as a page, a decoder or a program has them: bytes of red, green, blue and alpha.

/** An image: `ImageData` is one, and so is what the decoders of this package give. */
export interface Image {
  /** [height · width, 4], row by row from the top: red, green, blue, alpha, 0 to 255, colours not multiplied by alpha. */
  readonly data: Uint8ClampedArray | Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Pixels of the largest image that is taken: 268 MB of bytes. */
export const largestImagePixels: number = 2 ** 26;

/**
 * Throws `TypeError` unless `image` is an image, `RangeError` if its sides are not integers >= 1, its pixels more than
 * `largestImagePixels`, or its bytes not four for each of them.
 */
export function checkImage(action: string, image: Image): void {
  if (typeof image !== "object" || image === null) {
    throw new TypeError(`Cannot ${action}: an image must be { data, width, height }, it is ${String(image)}`);
  }
  const { data, width, height } = image;
  if (!(data instanceof Uint8ClampedArray || data instanceof Uint8Array)) {
    throw new TypeError(`Cannot ${action}: data of an image must be a Uint8ClampedArray or a Uint8Array, it is not`);
  }
  for (const [name, side] of [["width", width] as const, ["height", height] as const]) {
    if (!Number.isSafeInteger(side) || side < 1) {
      throw new RangeError(`Cannot ${action}: ${name} must be an integer >= 1, it is ${String(side)}`);
    }
  }
  if (width * height > largestImagePixels) {
    throw new RangeError(
      `Cannot ${action}: an image must have at most ${largestImagePixels} pixels, it has ${width} x ${height}`,
    );
  }
  if (data.length !== width * height * 4) {
    throw new RangeError(
      `Cannot ${action}: data must have 4 bytes for each of ${width} x ${height} pixels, ${width * height * 4}; it has ${data.length}`,
    );
  }
}

/**
 * An image of grey bytes [height · width], opaque. Throws `RangeError` if there are not as many.
 *
 * @example
 * greyImage(Uint8Array.of(0, 255), 2, 1).data; // Uint8ClampedArray [0, 0, 0, 255, 255, 255, 255, 255]
 */
export function greyImage(grey: Uint8Array | Uint8ClampedArray, width: number, height: number): Image {
  if (grey.length !== width * height) {
    throw new RangeError(
      `Cannot make an image: there must be a byte for each of ${width} x ${height} pixels, there are ${grey.length}`,
    );
  }
  const data = new Uint8ClampedArray(4 * grey.length).fill(255);
  grey.forEach((value, p) => data.fill(value, 4 * p, 4 * p + 3));
  return { data, width, height };
}
