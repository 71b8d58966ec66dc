// SHA-256 in hexadecimal. WebCrypto does it off the thread; a page that is not a secure context has no WebCrypto, and
// there it is done by @noble/hashes, in pieces, so that the page stays responsive.

const pieceBytes = 1 << 20;

/** The SHA-256 of `bytes`, as 64 lower-case hexadecimal digits. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  // An insecure context lacks `subtle`; WebCrypto does not take shared memory.
  const { subtle } = globalThis.crypto as { readonly subtle?: SubtleCrypto };
  if (subtle === undefined) return hashInPieces(bytes);
  const own = bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
  return hexadecimal(new Uint8Array(await subtle.digest("SHA-256", own)));
}

/** The same without WebCrypto. */
export async function hashInPieces(bytes: Uint8Array): Promise<string> {
  const { sha256: create } = await import("@noble/hashes/sha2.js");
  const hash = create.create();
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    hash.update(bytes.subarray(at, at + pieceBytes));
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
  }
  return hexadecimal(hash.digest());
}

function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
