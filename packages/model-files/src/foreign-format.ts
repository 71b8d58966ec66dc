// What a file is when it is not what it should be. Downloads fail in a few well-known ways, and the first bytes tell.

const signatures: readonly (readonly [signature: readonly number[], name: string])[] = [
  [[0x1f, 0x8b], "gzip data"],
  [[0x50, 0x4b, 0x03, 0x04], "a zip archive, which may be a PyTorch checkpoint"],
  [[0x80, 0x02], "a Python pickle"],
  [[0x80, 0x03], "a Python pickle"],
  [[0x80, 0x04], "a Python pickle"],
  [[0x80, 0x05], "a Python pickle"],
  [[0x47, 0x47, 0x55, 0x46], "a GGUF file"],
  [[0x89, 0x48, 0x44, 0x46], "an HDF5 file"],
  [[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], "a NumPy array"],
];

const lookedAt = 256;

/** The name of the format that `bytes` begin like, for a message; undefined if it is none of the known ones. */
export function foreignFormat(bytes: Uint8Array): string | undefined {
  for (const [signature, name] of signatures) {
    if (signature.every((byte, i) => bytes[i] === byte)) return name;
  }
  const text = String.fromCharCode(...bytes.subarray(0, lookedAt))
    .replace(/^\xef\xbb\xbf/, "") // the byte order mark of UTF-8
    .trimStart()
    .toLowerCase();
  if (text.startsWith("version https://git-lfs")) return "a Git LFS pointer, not the file that it stands for";
  if (text.startsWith("<!doctype html") || text.startsWith("<html") || text.startsWith("<head")) return "an HTML page";
  if (text.startsWith("<?xml")) return "an XML document";
  if (text.startsWith("{")) return "JSON text";
  return undefined;
}
