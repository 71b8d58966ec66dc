// PNG (W3C, third edition): the signature, the header chunk, and which chunks decide what the pixels are.

import { type BoundedHeader, malformed } from "./header.ts";

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Bit depths of each colour type (table 11.1), and the channels of a pixel. */
const colourTypes: Readonly<Record<number, { readonly depths: readonly number[]; readonly channels: number }>> = {
  0: { depths: [1, 2, 4, 8, 16], channels: 1 },
  2: { depths: [8, 16], channels: 3 },
  3: { depths: [1, 2, 4, 8], channels: 1 },
  4: { depths: [8, 16], channels: 2 },
  6: { depths: [8, 16], channels: 4 },
};

/** Deflate packs at most 258 bytes into two bits. */
const largestRatio = 1032;

/** The header of a PNG file; undefined for another format. Throws `ImageFormatError` if it breaks the rules. */
export function readPngHeader(bytes: Uint8Array): BoundedHeader | undefined {
  if (!signature.every((byte, i) => bytes[i] === byte)) return undefined;
  const chunks = pngChunks(bytes);
  const [first] = chunks;
  if (first?.type !== "IHDR" || first.end - first.start !== 13)
    throw malformed("PNG", "must begin with IHDR, it does not");
  const view = new DataView(bytes.buffer, bytes.byteOffset + first.start, 13);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, colour, compression, filter, interlace] = [8, 9, 10, 11, 12].map((at) => view.getUint8(at));
  if (width < 1 || height < 1 || width > 2 ** 31 - 1 || height > 2 ** 31 - 1) {
    throw malformed("PNG", `sides must be from 1 to 2147483647, they are ${width} x ${height}`);
  }
  const type = colourTypes[colour!];
  if (!type?.depths.includes(depth!)) {
    throw malformed("PNG", `must have a known colour type and bit depth, it has ${colour} and ${depth}`);
  }
  if (compression !== 0 || filter !== 0 || interlace! > 1) {
    throw malformed("PNG", `must be of method 0, it is of ${compression}, ${filter} and ${interlace}`);
  }
  if (chunks.filter((chunk) => chunk.type === "IHDR").length > 1)
    throw malformed("PNG", "must have one IHDR, it has more");
  const palettes = chunks.filter((chunk) => chunk.type === "PLTE");
  if (colour === 3) checkPalette(palettes, chunks, 2 ** depth!);
  let packed = 0;
  for (const chunk of chunks) if (chunk.type === "IDAT") packed += chunk.end - chunk.start;
  if (packed === 0) throw malformed("PNG", "must have data in IDAT, it has none");
  const { channels: components } = type;
  return { format: "png", width, height, components, mostPixels: (packed * largestRatio * 8) / (components * depth!) };
}

/**
 * The file with the chunks alone that decide what its pixels are: without texts, colour profiles and the frames of an
 * animation. What is left out is what bombs are hidden in, and what platforms treat differently.
 */
export function pngOfPixels(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const kept = pngChunks(bytes).filter(({ type }) => ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"].includes(type));
  const result = new Uint8Array(8 + kept.reduce((sum, { start, end }) => sum + end - start + 12, 0));
  result.set(signature);
  let at = 8;
  for (const { start, end } of kept) {
    result.set(bytes.subarray(start - 8, end + 4), at);
    at += end - start + 12;
  }
  return result;
}

/** A chunk: its data is bytes `start .. end`. */
interface PngChunk {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** The chunks of a file, to IEND. Throws `ImageFormatError` for one that leaves the file, or a missing end. */
function pngChunks(bytes: Uint8Array): PngChunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: PngChunk[] = [];
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const start = at + 8;
    const end = start + length;
    const type = String.fromCharCode(...bytes.subarray(at + 4, start));
    if (end + 4 > bytes.length)
      throw malformed("PNG", `chunk ${JSON.stringify(type)} must end within the file, it does not`);
    chunks.push({ type, start, end });
    if (type === "IEND") return chunks;
    at = end + 4;
  }
  throw malformed("PNG", "must end with IEND, it does not");
}

function checkPalette(palettes: readonly PngChunk[], chunks: readonly PngChunk[], most: number): void {
  const lengths = palettes.map(({ start, end }) => end - start);
  const [length = 0] = lengths;
  if (lengths.length !== 1 || length % 3 !== 0 || length < 3 || length > 3 * most) {
    throw malformed(
      "PNG",
      `must have one palette of 1 to ${most} colours, its palettes have [${lengths.join(", ")}] bytes`,
    );
  }
  const alphas = chunks.find(({ type }) => type === "tRNS");
  if (alphas && alphas.end - alphas.start > length / 3) {
    throw malformed(
      "PNG",
      `tRNS must be no longer than the palette, ${length / 3}; it is ${alphas.end - alphas.start}`,
    );
  }
}
