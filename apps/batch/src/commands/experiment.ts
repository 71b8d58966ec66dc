// `saccade experiment`: what the lecture claims, tried. Tables on the terminal, and the same with plots in a folder.

import { statSync } from "node:fs";
import { join } from "node:path";
import { asyncDispose } from "@saccade/attention-core";
import { createWasmTrainingBackend } from "@saccade/attention-core/wasm-training";
import { differentiable } from "@saccade/training";
import type { Experiment } from "../experiments/experiment.ts";
import { experiments } from "../experiments/experiments.ts";
import { partsFile } from "../experiments/parts-file.ts";
import { describeRun } from "../experiments/report/run-facts.ts";
import { reportLines } from "../experiments/report/terminal-lines.ts";
import { writePage, writeRun } from "../experiments/report/write-report.ts";
import { dataFile } from "../records/data-file.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { printable } from "../terminal/text.ts";
import { progressLines } from "../views/train-progress.ts";
import { UsageError } from "./errors.ts";

/** What is to be tried, and where files are. */
export interface ExperimentCommand {
  /** Of experiments, in the order in which they run; "all", or "none" to write a page alone. */
  readonly names: readonly string[];
  /** The folder with the folders of data sets; needed by those that read any. */
  readonly data: string | undefined;
  /** Where tables and plots go. */
  readonly output: string;
  /** A page to write from all reports in `output`, if one is wanted. */
  readonly page: string | undefined;
  readonly quick: boolean;
  /** Go on where a run of the same experiment into `output` was stopped. */
  readonly resume: boolean;
}

/**
 * Runs the command. Resolves with its exit code. Throws `UsageError` for a name that is none and for data that is not there,
 * before anything runs; rejects with the reason of `signal`, what was finished by then being written, parts of an experiment too.
 */
export async function experiment(
  command: ExperimentCommand,
  terminal: Terminal,
  signal: AbortSignal,
  among: readonly Experiment[] = experiments,
): Promise<0> {
  const chosen = command.names.flatMap((name) => experimentsOf(name, among));
  checkData(command.data, chosen);
  if (chosen.length > 0) tellBeginning(chosen, command.quick, terminal);
  for (const each of chosen) await runOne(each, command, terminal, signal);
  if (command.page !== undefined) {
    const written = await writePage(command.page, command.output, among);
    terminal.print([`${printable(command.page)}: ${written.join(", ")}`]);
  }
  return 0;
}

/** Those that `name` stands for. Throws `UsageError` if it stands for nothing. */
function experimentsOf(name: string, among: readonly Experiment[]): readonly Experiment[] {
  if (name === "all") return among;
  if (name === "none") return [];
  const found = among.find((each) => each.name === name);
  if (found) return [found];
  throw new UsageError(
    `Cannot run the experiment ${name}: it must be all, none or one of ${among.map((each) => each.name).join(", ")}`,
  );
}

function tellBeginning(chosen: readonly Experiment[], quick: boolean, terminal: Terminal): void {
  const minutes = chosen.reduce((sum, each) => sum + each.minutes[quick ? "quick" : "full"], 0);
  terminal.print([`${chosen.map(({ name }) => name).join(", ")}: about ${durationText(minutes)} on one core`, ""]);
}

async function runOne(
  tried: Experiment,
  command: ExperimentCommand,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const { data = ".", output, quick } = command;
  const { name } = tried;
  const facts = await describeRun(commandLine(name, command), quick);
  const start = performance.now();
  const parts = partsFile(join(output, `${name}.parts.json`), command.resume);
  const backend = differentiable(await createWasmTrainingBackend({ threads: 1 }));
  try {
    const results = await tried.measure({
      data: (path) => dataFile("--data", join(data, path)),
      backend,
      quick,
      once: parts.once,
      onProgress: progressLines(terminal),
      note: (line) => {
        terminal.progress("");
        terminal.print([printable(line)]);
      },
      signal,
    });
    signal.throwIfAborted();
    const seconds = (performance.now() - start) / 1000;
    terminal.progress("");
    const report = tried.report(results);
    terminal.print(["", ...reportLines(report, terminal)]);
    const files = await writeRun(
      output,
      { name, facts: { ...facts, seconds, resumed: parts.resumed }, results },
      report,
    );
    parts.clear();
    terminal.print([`${printable(output)}: ${files.join(", ")}`, ""]);
  } finally {
    terminal.progress("");
    await backend[asyncDispose]();
  }
}

/** Throws `UsageError` unless `folder` has the files that `chosen` read. */
function checkData(folder: string | undefined, chosen: readonly Experiment[]): void {
  const wanted = [...new Set(chosen.flatMap(({ data }) => data))];
  if (wanted.length === 0) return;
  const missing =
    folder === undefined
      ? wanted
      : wanted.filter((path) => statSync(join(folder, path), { throwIfNoEntry: false })?.isFile() !== true);
  if (missing.length === 0) return;
  const rule = `--data must be a folder with ${wanted.join(", ")}`;
  const actual = folder === undefined ? "it is not given" : `${folder} has no ${missing.join(" and no ")}`;
  throw new UsageError(`Cannot run the experiment ${chosen.map(({ name }) => name).join(", ")}: ${rule}; ${actual}`);
}

/** The command that made a report, as anybody would type it. */
function commandLine(name: string, { data, quick }: ExperimentCommand): string {
  return [
    "saccade experiment",
    name,
    ...(data === undefined ? [] : ["--data FOLDER"]),
    ...(quick ? ["--quick"] : []),
  ].join(" ");
}

function durationText(minutes: number): string {
  return minutes < 1.5 ? `${Math.max(1, Math.round(60 * minutes))} seconds` : `${Math.round(minutes)} minutes`;
}
