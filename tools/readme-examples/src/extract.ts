// The programs in a README: fenced blocks of TypeScript. What a program must print stands in a block of text right
// after it. A block that is marked `ts browser=NAME` is a module of a page; its name is how the others import it.

/** One block. */
export interface Example {
  /** Where it stands: `README.md:30`. */
  readonly place: string;
  readonly code: string;
  /** What it must print, or null where nothing is said of that. */
  readonly output: string | null;
  /** The name of a module of a page; null for a program for Node. */
  readonly browser: string | null;
}

interface Block {
  readonly info: string;
  readonly body: string;
  readonly firstLine: number;
  readonly lastLine: number;
}

/** The examples of a README. `name` is that of the file. Throws `SyntaxError` for a block that does not end. */
export function extractExamples(name: string, text: string): Example[] {
  const blocks = blocksOf(name, text);
  return blocks.flatMap(({ info, body, firstLine, lastLine }, i) => {
    const [language, ...options] = info.split(" ");
    if (language !== "ts" && language !== "typescript") return [];
    const next = blocks[i + 1];
    const follows = next !== undefined && next.info === "text" && next.firstLine - lastLine <= 2;
    const browser = options.find((option) => option.startsWith("browser="))?.slice("browser=".length) ?? null;
    return [{ place: `${name}:${firstLine}`, code: body, output: follows ? next.body : null, browser }];
  });
}

function blocksOf(name: string, text: string): Block[] {
  const blocks: Block[] = [];
  let open: { info: string; lines: string[]; firstLine: number } | null = null;
  for (const [index, line] of text.split("\n").entries()) {
    const fence = /^```(.*)$/.exec(line);
    if (open === null) {
      if (fence) open = { info: fence[1]!.trim(), lines: [], firstLine: index + 1 };
    } else if (fence?.[1] === "") {
      const body = open.lines.map((each) => `${each}\n`).join("");
      blocks.push({ info: open.info, body, firstLine: open.firstLine, lastLine: index + 1 });
      open = null;
    } else {
      open.lines.push(line);
    }
  }
  if (open !== null)
    throw new SyntaxError(`Cannot read ${name}: the block of line ${open.firstLine} must end, it does not`);
  return blocks;
}
