// JPEG (ITU-T T.81, annex B): the markers of a file, its frame header and its scans.

import { type BoundedHeader, malformed } from "./header.ts";

/** A file with more is made to keep a decoder busy: those of encoders have about ten. */
const mostScans = 100;

/** Each block of 64 pixels takes one bit at least. */
const largestRatio = 512;

/** The header of a JPEG file; undefined for another format. Throws `ImageFormatError` if it breaks the rules. */
export function readJpegHeader(bytes: Uint8Array): BoundedHeader | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8 || bytes[2] !== 0xff) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let frame: Frame | undefined;
  let scans = 0;
  for (let at = 2; ;) {
    const marker = nextMarker(bytes, at);
    if (marker === undefined) break;
    const { code, start } = marker;
    if (code === endOfImage) break;
    const length = start + 2 <= bytes.length ? view.getUint16(start) : 0;
    if (length < 2 || start + length > bytes.length) {
      throw malformed("JPEG", `segment ${code.toString(16)} must end within the file, it does not`);
    }
    if (isFrame(code)) {
      if (frame) throw malformed("JPEG", "must have one frame, it has more");
      frame = readFrame(view, start, length);
    } else if (code === startOfScan) {
      if (!frame) throw malformed("JPEG", "must have a frame before its scans, it has none");
      scans += 1;
      if (scans > mostScans) throw malformed("JPEG", `must have at most ${mostScans} scans, it has more`);
    }
    at = start + length;
  }
  if (!frame || scans === 0)
    throw malformed("JPEG", `must have a frame and a scan, it has ${frame ? "no scan" : "no frame"}`);
  return { format: "jpeg", ...frame, mostPixels: bytes.length * largestRatio };
}

const startOfScan = 0xda;
const endOfImage = 0xd9;

/** SOF0 to SOF15, without DHT, JPG and DAC, which stand among them. */
function isFrame(code: number): boolean {
  return code >= 0xc0 && code <= 0xcf && code !== 0xc4 && code !== 0xc8 && code !== 0xcc;
}

/** The next marker with a segment from `at` on, past the data of a scan; undefined at the end of the file. */
function nextMarker(bytes: Uint8Array, at: number): { readonly code: number; readonly start: number } | undefined {
  for (let i = bytes.indexOf(0xff, at); i >= 0; i = bytes.indexOf(0xff, i + 1)) {
    const code = bytes[i + 1];
    if (code === undefined) return undefined;
    // Stuffed zeros, fill bytes, restarts and TEM have no segment.
    if (code === 0x00 || code === 0x01 || code === 0xff || (code >= 0xd0 && code <= 0xd8)) continue;
    return { code, start: i + 2 };
  }
  return undefined;
}

type Frame = Pick<BoundedHeader, "width" | "height" | "components">;

function readFrame(view: DataView, start: number, length: number): Frame {
  const components = length >= 8 ? view.getUint8(start + 7) : 0;
  if (![1, 3, 4].includes(components) || length !== 8 + 3 * components) {
    throw malformed("JPEG", `must have 1, 3 or 4 components, it has ${components}`);
  }
  const precision = view.getUint8(start + 2);
  if (precision !== 8) throw malformed("JPEG", `must have 8 bits for each sample, it has ${precision}`);
  const [height, width] = [view.getUint16(start + 3), view.getUint16(start + 5)];
  if (width < 1 || height < 1) throw malformed("JPEG", `sides must be at least 1, they are ${width} x ${height}`);
  for (let c = 0; c < components; c += 1) {
    const sampling = view.getUint8(start + 9 + 3 * c);
    for (const factor of [sampling >> 4, sampling & 15]) {
      if (factor < 1 || factor > 4) throw malformed("JPEG", `sampling factors must be from 1 to 4, one is ${factor}`);
    }
  }
  return { width, height, components };
}
