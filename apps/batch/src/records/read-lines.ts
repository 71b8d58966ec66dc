// Lines of a stream of bytes. They end at line feeds alone: JSON may hold other characters that end lines elsewhere. A line is
// read when it is asked for, and one that is too long is not kept, so that memory grows neither with the stream nor with a line.

/** A line as text, or why it is none. */
export type Line =
  | { readonly line: number; readonly text: string; readonly problem?: undefined }
  | { readonly line: number; readonly text?: undefined; readonly problem: string };

const lineFeed = 10;
const carriageReturn = 13;
const byteOrderMark = "\uFEFF";

/**
 * The lines of `source`, numbered from 1, without what ends them and without a byte order mark. A line of more than
 * `mostBytes`, and one that is not UTF-8, comes as a problem. Rejects with the error of the source.
 */
export async function* readLines(
  source: AsyncIterable<Uint8Array | string>,
  mostBytes: number,
): AsyncGenerator<Line, void, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let parts: Uint8Array[] = [];
  let [line, bytes] = [0, 0];
  const keep = (part: Uint8Array): void => {
    bytes += part.length;
    if (bytes > mostBytes) parts = [];
    else if (part.length > 0) parts.push(part);
  };
  const finish = (): Line => {
    line += 1;
    const [length, whole] = [bytes, parts.length === 1 ? parts[0]! : Buffer.concat(parts)];
    [parts, bytes] = [[], 0];
    if (length > mostBytes) return { line, problem: `it must have at most ${mostBytes} bytes, it has ${length}` };
    try {
      const text = decoder.decode(whole.at(-1) === carriageReturn ? whole.subarray(0, -1) : whole);
      return { line, text: line === 1 && text.startsWith(byteOrderMark) ? text.slice(1) : text };
    } catch {
      return { line, problem: "it must be UTF-8, it is not" };
    }
  };
  for await (const chunk of source) {
    const found = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    let from = 0;
    for (let to = found.indexOf(lineFeed); to !== -1; to = found.indexOf(lineFeed, from)) {
      keep(found.subarray(from, to));
      yield finish();
      from = to + 1;
    }
    keep(found.subarray(from));
  }
  if (bytes > 0) yield finish();
}
