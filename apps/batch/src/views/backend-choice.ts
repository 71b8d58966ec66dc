// What is said of the backend where it was chosen by what the machine is, or may have been lost.

import type { BackendChoice } from "@saccade/pipeline";
import type { BackendName } from "../backends/backend-list.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { printable } from "../terminal/text.ts";

/** Says what computed and why, unless it is WASM as always. */
export function complainOfBackend(terminal: Terminal, asked: BackendName, { name, reasons }: BackendChoice): void {
  if (asked === name && reasons.length === 0) return;
  if (asked === "wasm" || asked === "reference") return;
  terminal.complain(printable([`Computed by ${name}`, ...reasons].join("; ")));
}
