// IDX, the format in which MNIST and Fashion-MNIST come: a magic number that says type and dimensions, the dimensions as
// big-endian integers of 32 bits, then the values (LeCun, Cortes and Burges, "The MNIST database of handwritten digits",
// section on file formats). Files are often gzipped; both are read. Of the types only unsigned bytes occur in images.

import { gunzipSync } from "node:zlib";

/** Values of an IDX file of unsigned bytes. */
export interface IdxArray {
  /** Row-major. */
  readonly values: Uint8Array;
  /** One to three sizes: items, then rows and columns of each where it is an image. */
  readonly shape: readonly number[];
}

/** A file breaks the rules of its format: it is cut, of another type, or not IDX at all. */
export class IdxFormatError extends Error {
  override readonly name = "IdxFormatError";
  readonly code = "data-format";
  /** Its name, as the caller gave it. */
  readonly file: string;
  constructor(message: string, file: string, options?: ErrorOptions) {
    super(message, options);
    this.file = file;
  }
}

const unsignedByte = 0x08;
const mostDimensions = 3;
/** A file of images that unpacks to more is refused before memory is taken: Fashion-MNIST's largest has 47 MB. */
const mostBytes = 2 ** 30;

/**
 * The values of an IDX file of unsigned bytes in one to three dimensions, gzipped or not. Throws `IdxFormatError`, which
 * names `file`, for one that is damaged, of another type of values, or shorter or longer than its dimensions say.
 *
 * @example
 * const { values, shape } = readIdx(bytes, "train-images-idx3-ubyte.gz"); // shape [55000, 28, 28]
 */
export function readIdx(bytes: Uint8Array, file: string): IdxArray {
  const refuse = (rule: string): never => {
    throw new IdxFormatError(`Cannot read ${file}: ${rule}`, file);
  };
  const plain = unpackGzip(bytes, file);
  if (plain.length < 4) refuse(`an IDX file must begin with four bytes that say what it holds, it has ${plain.length}`);
  const [first, second, type, dimensions = 0] = plain;
  if (first !== 0 || second !== 0) {
    refuse(`an IDX file must begin with two bytes of zero, it begins with ${first} and ${second}`);
  }
  if (type !== unsignedByte) refuse(`its values must be unsigned bytes (type 8), they are of type ${type}`);
  if (dimensions < 1 || dimensions > mostDimensions) {
    refuse(`it must have one to ${mostDimensions} dimensions, it has ${dimensions}`);
  }
  const start = 4 + 4 * dimensions;
  if (plain.length < start)
    refuse(`its ${dimensions} dimensions must follow in ${start} bytes, it has ${plain.length}`);
  const view = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
  const shape = Array.from({ length: dimensions }, (_, d) => view.getUint32(4 + 4 * d));
  const size = shape.reduce((product, length) => product * length, 1);
  if (plain.length !== start + size) {
    refuse(
      `${shape.join(" x ")} values must follow its dimensions, that is ${size} bytes; there are ${plain.length - start}`,
    );
  }
  return { values: plain.subarray(start), shape };
}

/**
 * `bytes`, unpacked if they are a gzip stream. Throws `IdxFormatError`, which names `file`, for a stream that is damaged or
 * unpacks to more than a gigabyte.
 */
export function unpackGzip(bytes: Uint8Array, file: string): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: mostBytes });
  } catch (cause) {
    const rule = `its gzip stream must be whole and unpack to at most ${mostBytes} bytes`;
    throw new IdxFormatError(`Cannot read ${file}: ${rule}; ${(cause as Error).message}`, file, { cause });
  }
}
