// A file within its own address (RFC 2397).

import { ModelFileError } from "../errors.ts";

/** The bytes in a `data:` URL. Throws `ModelFileError`. */
export function readDataUrl(url: URL, file: string): Uint8Array {
  const [, base64, data = "%"] = /^data:[^,]*?(;base64)?,(.*)$/is.exec(url.href) ?? [];
  try {
    const text = decodeURIComponent(data); // which "%" is not
    if (base64 === undefined) return new TextEncoder().encode(text);
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch (cause) {
    const rule = "a data: URL must be of UTF-8 or base64";
    throw new ModelFileError("file-unreadable", file, `Cannot read ${file}: ${rule}, it is neither`, { cause });
  }
}
