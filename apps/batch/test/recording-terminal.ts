// A terminal that keeps what is printed.

import { plainLook } from "../src/terminal/look.ts";
import type { Terminal } from "../src/terminal/terminal.ts";

export interface RecordingTerminal extends Terminal {
  readonly printed: string[];
  readonly complaints: string[];
}

export function recordingTerminal(columns = 100): RecordingTerminal {
  const printed: string[] = [];
  const complaints: string[] = [];
  return {
    columns,
    look: plainLook,
    print: (lines) => void printed.push(...lines),
    progress: () => {},
    complain: (line) => void complaints.push(line),
    printed,
    complaints,
  };
}
