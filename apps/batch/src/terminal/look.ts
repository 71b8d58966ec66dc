// What a terminal can show: shaded blocks in colour, or plain ASCII for files, pipes and NO_COLOR.

/** How text is drawn. Every function returns its text unchanged where there is no colour. */
export interface Look {
  readonly title: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  /** Two characters for a weight, darker for more: `share` is 0 .. 1. */
  readonly shade: (share: number) => string;
  /** One character for a pair that the pattern forbids. */
  readonly forbidden: string;
  /** What the shades mean, lightest first. */
  readonly shades: readonly string[];
  /** Ends text that was cut. */
  readonly cut: string;
}

const none = (text: string): string => text;
/** Shares from which the second, third, ... shade is taken. */
const steps: readonly number[] = [0.05, 0.25, 0.5, 0.75];

function shader(shades: readonly string[]): (share: number) => string {
  return (share) => shades[steps.filter((step) => share >= step).length] ?? "";
}

const asciiShades = ["  ", "..", "::", "++", "##"];

/** Letters alone. */
export const plainLook: Look = {
  title: none,
  faint: none,
  good: none,
  bad: none,
  shade: shader(asciiShades),
  forbidden: "-",
  shades: asciiShades,
  cut: "~",
};

function code(open: number, close: number): (text: string) => string {
  return (text) => `\u001b[${open}m${text}\u001b[${close}m`;
}

const cyan = code(36, 39);
const blocks = ["  ", cyan("░░"), cyan("▒▒"), cyan("▓▓"), cyan("██")];

/** Blocks and colours. */
export const richLook: Look = {
  title: code(1, 22),
  faint: code(2, 22),
  good: code(32, 39),
  bad: code(31, 39),
  shade: shader(blocks),
  forbidden: "\u001b[2m·\u001b[22m",
  shades: blocks,
  cut: "…",
};

/** What the environment asks for: rich on a terminal, or with FORCE_COLOR; plain otherwise, and with NO_COLOR or TERM=dumb. */
export function chooseLook(environment: Readonly<Record<string, string | undefined>>, isTerminal: boolean): Look {
  const { NO_COLOR, FORCE_COLOR, TERM } = environment;
  if (NO_COLOR) return plainLook;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR === "0" || FORCE_COLOR === "false" ? plainLook : richLook;
  return isTerminal && TERM !== "dumb" ? richLook : plainLook;
}
