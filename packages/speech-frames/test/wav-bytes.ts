// Writes WAV files, also such that nobody should: every field can be overwritten.

/** How samples stand in a file. */
export interface WavLayout {
  readonly encoding: "integers" | "floats";
  readonly bits: number;
  readonly channels: number;
  readonly sampleRate: number;
  readonly isExtensible: boolean;
}

/** A chunk: its name, and bytes or a number of them that it claims. */
export interface WavChunk {
  readonly id: string;
  readonly bytes: Uint8Array;
  /** Instead of the number of bytes. */
  readonly size?: number;
}

/** The "fmt " chunk of a layout. */
export function formatChunk({ encoding, bits, channels, sampleRate, isExtensible }: WavLayout): WavChunk {
  const bytes = new Uint8Array(isExtensible ? 40 : 16);
  const view = new DataView(bytes.buffer);
  const tag = encoding === "integers" ? 1 : 3;
  const block = (channels * bits) / 8;
  view.setUint16(0, isExtensible ? 0xfffe : tag, true);
  view.setUint16(2, channels, true);
  view.setUint32(4, sampleRate, true);
  view.setUint32(8, sampleRate * block, true);
  view.setUint16(12, block, true);
  view.setUint16(14, bits, true);
  if (isExtensible) {
    view.setUint16(16, 22, true);
    view.setUint16(18, bits, true);
    view.setUint16(24, tag, true);
    bytes.set([0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71], 30);
  }
  return { id: "fmt ", bytes };
}

/** The "data" chunk of samples [i][channel] in -1 .. 1. */
export function dataChunk({ encoding, bits }: WavLayout, samples: readonly (readonly number[])[]): WavChunk {
  const width = bits / 8;
  const flat = samples.flat();
  const bytes = new Uint8Array(flat.length * width);
  const view = new DataView(bytes.buffer);
  flat.forEach((value, i) => {
    const at = i * width;
    const steps = 2 ** (bits - 1);
    const integer = Math.max(-steps, Math.min(steps - 1, Math.round(value * steps)));
    if (encoding === "floats") view[bits === 32 ? "setFloat32" : "setFloat64"](at, value, true);
    else if (bits === 8) view.setUint8(at, integer + 128);
    else if (bits === 16) view.setInt16(at, integer, true);
    else if (bits === 32) view.setInt32(at, integer, true);
    else bytes.set([integer & 255, (integer >> 8) & 255, (integer >> 16) & 255], at);
  });
  return { id: "data", bytes };
}

/** A file of chunks, each at an even place. */
export function wavBytes(chunks: readonly WavChunk[], container = "RIFF", form = "WAVE"): Uint8Array {
  const parts = chunks.map(({ id, bytes, size = bytes.length }) => {
    const part = new Uint8Array(8 + bytes.length + (bytes.length % 2));
    part.set(new TextEncoder().encode(id));
    new DataView(part.buffer).setUint32(4, size, true);
    part.set(bytes, 8);
    return part;
  });
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const file = new Uint8Array(12 + length);
  file.set(new TextEncoder().encode(container));
  new DataView(file.buffer).setUint32(4, 4 + length, true);
  file.set(new TextEncoder().encode(form), 8);
  let at = 12;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}
