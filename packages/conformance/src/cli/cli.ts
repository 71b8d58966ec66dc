// The command `conformance`: runs files of cases, or our own cases, on a backend; writes the table.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { asyncDispose } from "@saccade/attention-core";
import { CaseFileError } from "../onnx/onnx-case.ts";
import { type Command, parseArguments, usage } from "./arguments.ts";
import { adapterOf, backendNames, findBackend, type NamedBackend } from "./backends.ts";
import { findSharedCases, onnxGroups, readCaseFile, repositoryRoot } from "./case-files.ts";
import { CliError } from "./cli-error.ts";
import { formatOutcome, openBackend, type Outcome, outcomeToJson, runOnnxCases, runOwnCases } from "./outcome.ts";
import { type Adapters, formatTable } from "./table.ts";

/** Where the command prints: a line of results, a line about them. */
export interface Output {
  readonly out: (line: string) => void;
  readonly note: (line: string) => void;
}

/** Runs the command; returns its exit code: 0, 1 if a case failed, 2 if it could not be carried out. */
export async function runCli(args: readonly string[], output: Output): Promise<0 | 1 | 2> {
  try {
    const command = parseArguments(args);
    switch (command.kind) {
      case "help":
        output.out(usage);
        return 0;
      case "run":
        return await run(command, output);
      case "write":
        return await write(command, output);
    }
  } catch (error) {
    if (!(error instanceof CliError || error instanceof CaseFileError)) throw error;
    output.note(`${error.name}: ${error.message}`);
    return 2;
  }
}

async function run(
  { files, backends, json }: Extract<Command, { kind: "run" }>,
  { out, note }: Output,
): Promise<0 | 1> {
  // Everything is read before anything runs, so that a mistake in the last file does not cost the first one's time.
  const named = backends.map(findBackend);
  const groups = files.map((file) => ({ file, cases: readCaseFile(file) }));
  let failed = 0;
  for (const backend of named) {
    const counts = { pass: 0, fail: 0, "n/a": 0 };
    const report = (outcome: Outcome, nameWidth: number): void => {
      counts[outcome.status] += 1;
      out(json ? outcomeToJson(outcome) : formatOutcome(outcome, nameWidth));
    };
    for (const { file, cases } of groups) {
      const nameWidth = Math.max(0, ...cases.map((each) => each.case.length));
      for await (const outcome of runOnnxCases(file, cases, backend)) report(outcome, nameWidth);
    }
    if (groups.length === 0) {
      for await (const outcome of runOwnCases(backend))
        report({ ...outcome, case: `${outcome.group}: ${outcome.case}` }, 0);
    }
    note(`${backend.name}: ${counts.pass} passed, ${counts.fail} failed, ${counts["n/a"]} not applicable`);
    failed += counts.fail;
  }
  return failed === 0 ? 0 : 1;
}

async function write({ backends }: Extract<Command, { kind: "write" }>, { note }: Output): Promise<0 | 1> {
  const names = backends.length > 0 ? backends : backendNames;
  const found = names.map(findBackend);
  const adapters = await findAdapters(found);
  const outcomes = await runEverything(found);
  const path = join(repositoryRoot, "CONFORMANCE.md");
  writeFileSync(path, formatTable(outcomes, names, onnxGroups, adapters));
  const failed = outcomes.filter(({ status }) => status === "fail");
  for (const outcome of failed) note(`${outcome.backend}: ${formatOutcome(outcome)}`);
  note(`Wrote ${path}: ${outcomes.length} outcomes, ${failed.length} failed`);
  return failed.length === 0 ? 0 : 1;
}

async function findAdapters(backends: readonly NamedBackend[]): Promise<Adapters> {
  const adapters: Record<string, string> = {};
  for (const named of backends) {
    const backend = await openBackend(named);
    const adapter = adapterOf(backend);
    if (adapter !== null) adapters[named.name] = adapter;
    await backend[asyncDispose]();
  }
  return adapters;
}

/** Every shared ONNX case and every case of our own, on each backend. Throws `CliError` where the shared cases are not. */
export async function runEverything(backends: readonly NamedBackend[]): Promise<Outcome[]> {
  const shared = findSharedCases();
  if (shared.folder === null) throw new CliError(`Cannot run everything: ${shared.reason}`);
  const outcomes: Outcome[] = [];
  for (const backend of backends) {
    for (const group of onnxGroups) {
      const cases = readCaseFile(join(shared.folder, group, "cases.json"));
      for await (const outcome of runOnnxCases(group, cases, backend)) outcomes.push(outcome);
    }
    for await (const outcome of runOwnCases(backend)) outcomes.push(outcome);
  }
  return outcomes;
}
