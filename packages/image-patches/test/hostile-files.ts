// Files that break the rules of their formats, made from sound ones by hand.

import { brokenFiles, files } from "./golden/files.ts";

/** The bytes of a sound file. */
export function soundFile(name: keyof typeof files): Uint8Array<ArrayBuffer> {
  return bytesOf(files[name].bytes);
}

/** Bytes written in base 64. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** A file with some bytes set anew, the checksum of a PNG's header made right again. */
function changed(name: keyof typeof files, at: number, ...values: readonly number[]): Uint8Array {
  const bytes = soundFile(name);
  bytes.set(values, at);
  if (bytes[0] === 0x89) new DataView(bytes.buffer).setUint32(29, checksum(bytes.subarray(12, 29)));
  return bytes;
}

/** Of a chunk's type and data, as PNG wants it. */
export function checksum(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}

function joined(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function uint32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

function chunk(type: string, data: readonly number[]): Uint8Array {
  const body = Uint8Array.from([...new TextEncoder().encode(type), ...data]);
  return joined(uint32(data.length), body, uint32(checksum(body)));
}

const png = soundFile("rgb.png");
const palette = soundFile("palette.png");
const jpeg = soundFile("rgb.jpg");
const frameAt = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xc0);
const scanAt = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xda);
const huffmanAt = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xc4);

/** Where a chunk of `palette` begins. */
function chunkAt(bytes: Uint8Array, type: string): number {
  const wanted = new TextEncoder().encode(type);
  return bytes.findIndex((_, i) => wanted.every((byte, j) => bytes[i + j] === byte)) - 4;
}

const withoutPalette = joined(
  palette.subarray(0, chunkAt(palette, "PLTE")),
  palette.subarray(chunkAt(palette, "IDAT")),
);
const afterHeader = 33;
const inserted = (...chunks: readonly Uint8Array[]): Uint8Array =>
  joined(png.subarray(0, afterHeader), ...chunks, png.subarray(afterHeader));

/** Files that every decoder must refuse with `ImageFormatError`, by what is wrong. */
export const hostileFiles: Readonly<Record<string, Uint8Array>> = {
  "no bytes": new Uint8Array(0),
  "another format": new TextEncoder().encode("GIF89a..........."),
  markup: new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
  "a signature alone": png.subarray(0, 8),
  "a PNG cut in its header": png.subarray(0, 20),
  "a PNG cut in its data": png.subarray(0, png.length - 30),
  "sides of 0 x 0": changed("rgb.png", 16, 0, 0, 0, 0, 0, 0, 0, 0),
  "a height of 0": changed("rgb.png", 20, 0, 0, 0, 0),
  "sides of 2^31": changed("rgb.png", 16, 0x80, 0, 0, 0, 0x80, 0, 0, 0),
  "sides of 65,535 in 100 bytes": changed("rgb.png", 16, 0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff),
  "more pixels than the bytes can hold": changed("rgb.png", 16, 0, 0, 8, 0, 0, 0, 8, 0),
  "a bit depth of 0": changed("rgb.png", 24, 0),
  "a bit depth of 3": changed("grey.png", 24, 3),
  "a bit depth of 99": changed("rgb.png", 24, 99),
  "a colour type of 1": changed("rgb.png", 25, 1),
  "a colour type of 9": changed("rgb.png", 25, 9),
  "an unknown interlace method": changed("rgb.png", 28, 2),
  "no palette": withoutPalette,
  "a palette of 4 bytes": joined(
    palette.subarray(0, chunkAt(palette, "PLTE")),
    chunk("PLTE", [1, 2, 3, 4]),
    palette.subarray(chunkAt(palette, "IDAT")),
  ),
  "more alphas than colours": joined(
    palette.subarray(0, chunkAt(palette, "IDAT")),
    chunk(
      "tRNS",
      Array.from({ length: 9 }, () => 7),
    ),
    palette.subarray(chunkAt(palette, "IDAT")),
  ),
  "two headers": inserted(png.subarray(8, 33)),
  "a chunk that leaves the file": changed("rgb.png", 33, 0xff, 0xff, 0xff, 0xff),
  "no data": joined(png.subarray(0, afterHeader), chunk("IEND", [])),
  "data that is not deflated": joined(png.subarray(0, afterHeader), chunk("IDAT", [1, 2, 3, 4, 5]), chunk("IEND", [])),
  "a JPEG without a frame": joined(jpeg.subarray(0, frameAt), jpeg.subarray(scanAt)),
  "a JPEG of two frames": joined(jpeg.subarray(0, scanAt), jpeg.subarray(frameAt)),
  "no components": changed("rgb.jpg", frameAt + 9, 0),
  "two components": changed("rgb.jpg", frameAt + 9, 2),
  "a sampling factor of 0": changed("rgb.jpg", frameAt + 11, 0x01),
  "a sampling factor of 15": changed("rgb.jpg", frameAt + 11, 0xf1),
  "12 bits in a sample": changed("rgb.jpg", frameAt + 4, 12),
  "a JPEG of height 0": changed("rgb.jpg", frameAt + 5, 0, 0),
  "a JPEG of 65,535 x 65,535": changed("rgb.jpg", frameAt + 5, 0xff, 0xff, 0xff, 0xff),
  "a Huffman table of too many codes": changed("rgb.jpg", huffmanAt + 5, 255, 255, 255, 255),
  "10,000 scans": joined(
    jpeg.subarray(0, jpeg.length - 2),
    ...Array.from({ length: 10_000 }, () => jpeg.subarray(scanAt, scanAt + 16)),
    [0xff, 0xd9],
  ),
  "a JPEG cut before its scan": jpeg.subarray(0, scanAt),
  "a JPEG cut in its scan": jpeg.subarray(0, jpeg.length - 100),
  "a progressive JPEG cut after some scans": soundFile("progressive.jpg").subarray(0, 600),
  "a filter of 9": bytesOf(brokenFiles["a filter of 9"]),
  "rows that are missing": bytesOf(brokenFiles["rows that are missing"]),
  "a segment that leaves the file": joined(jpeg.subarray(0, 2), [0xff, 0xe0, 0xff, 0xff, 0, 0]),
};

/** Files whose pixels are sound, whatever else they carry: as `rgb.png`. */
export const oddFiles: Readonly<Record<string, Uint8Array>> = {
  "unknown chunks": inserted(chunk("quIz", [1, 2, 3])),
  "a broken colour profile": inserted(chunk("iCCP", [65, 0, 0, 1, 2, 3])),
  "the header of an animation": inserted(chunk("acTL", [0, 0, 0, 2, 0, 0, 0, 0])),
  "bytes after its end": joined(
    png,
    Array.from({ length: 1000 }, () => 0),
  ),
};

/** `turned.jpg` with another orientation: 2 bytes, after the tag 0x0112 of type 3 and its count. */
export function orientedFile(orientation: number): Uint8Array {
  const bytes = soundFile("turned.jpg");
  const isBig = bytes.findIndex((_, i) => bytes[i] === 0x4d && bytes[i + 1] === 0x4d && bytes[i + 3] === 0x2a) > 0;
  const tag = isBig ? [0x01, 0x12, 0, 3] : [0x12, 0x01, 3, 0];
  const at = bytes.findIndex((_, i) => tag.every((byte, j) => bytes[i + j] === byte));
  bytes.set(isBig ? [0, orientation] : [orientation, 0], at + 8);
  return bytes;
}

/** `rgb.jpg` whose first table divides by zero. */
export function zeroQuantizers(): Uint8Array {
  const bytes = soundFile("rgb.jpg");
  const at = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xdb);
  return bytes.fill(0, at + 5, at + 69);
}
