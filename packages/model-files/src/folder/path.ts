// Paths within a model's folder. What is allowed is a short list, since what is dangerous is a long one: `..`, drive letters,
// `\\server`, `%2e%2e`, NUL, and whatever the next platform brings.

import { ModelFileError, quote } from "../errors.ts";

const segment = "[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?";
const safePath = new RegExp(`^${segment}(?:/${segment})*$`);
const longestPath = 200;

/**
 * Throws `ModelFileError` ("path-refused") unless `path` is made of letters, digits, ".", "_" and "-" between single
 * slashes, each part beginning with a letter or digit and not ending with a dot. `of` says where the path comes from.
 */
export function checkPath(path: string, of: string): void {
  if (path.length <= longestPath && safePath.test(path)) return;
  throw new ModelFileError(
    "path-refused",
    path,
    `Cannot use path of ${of}: it must be relative, of at most ${longestPath} letters, digits, ".", "_", "-" and single "/" between parts that begin with a letter or digit, it is ${quote(path)}`,
  );
}
