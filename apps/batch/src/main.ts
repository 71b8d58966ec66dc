#!/usr/bin/env node
// The process behind the command `saccade`: its arguments, its streams, its signals and its exit code.

import { readFileSync } from "node:fs";
import { runCommandLine } from "./command-line.ts";
import { endingSignals, InterruptedError, OutputClosedError } from "./commands/errors.ts";
import { chooseLook } from "./terminal/look.ts";
import type { Terminal } from "./terminal/terminal.ts";
import { cutTo } from "./terminal/text.ts";

const { stdout, stderr } = process;

const stop = new AbortController();
for (const signal of Object.keys(endingSignals) as (keyof typeof endingSignals)[]) {
  // Once: who asks a second time is not kept waiting.
  process.once(signal, () => stop.abort(new InterruptedError(signal)));
}
// Whoever reads the lines may have seen enough: `saccade start | head`.
stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  stop.abort(new OutputClosedError());
});
// Without anybody to complain to there is nothing to say.
stderr.on("error", () => undefined);

const columns = Math.max(60, stdout.columns ?? 100);
const watched = stdout.isTTY && stderr.isTTY;
let [shownAt, isShown] = [0, false];
const terminal: Terminal = {
  columns,
  look: chooseLook(process.env, stdout.isTTY ?? false),
  print: (lines) => void stdout.write(lines.map((line) => `${line}\n`).join("")),
  progress(line) {
    // Ten times a second is enough to see that it moves.
    if (!watched || (line === "" ? !isShown : performance.now() - shownAt < 100)) return;
    [shownAt, isShown] = [performance.now(), line !== ""];
    stderr.write(`\r\u001b[2K${cutTo(line, columns - 1, "")}`);
  },
  complain: (line) => void stderr.write(`${line}\n`),
};

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
process.exitCode = await runCommandLine(process.argv.slice(2), terminal, stop.signal, manifest.version);
