// `saccade run`: a task over a file or the standard input, a JSON line for each record.

import type { Readable } from "node:stream";
import { asyncDispose } from "@saccade/attention-core";
import type { InputError } from "@saccade/pipeline";
import type { BackendName } from "../backends/backend-list.ts";
import { jsonLine } from "../records/json-line.ts";
import type { LineWriter } from "../records/line-writer.ts";
import { openInput, openOutput, type Streams } from "../records/open-streams.ts";
import { type InputRecord, readRecords, type RecordFormat } from "../records/read-records.ts";
import type { OpenedTask } from "../tasks/task.ts";
import { openTask } from "../tasks/open-task.ts";
import { findTask } from "../tasks/tasks.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { complainOfBackend } from "../views/backend-choice.ts";
import { count, plural } from "../views/numbers.ts";

/** What is to be run over what. */
export interface RunCommand {
  readonly task: string;
  /** A file, or "-". */
  readonly input: string;
  readonly output: string;
  readonly format: RecordFormat | "auto";
  readonly model: string | undefined;
  readonly threads: number;
  readonly backend: BackendName;
}

/** What stands in place of an input or output that there is none of. */
class Refused {
  readonly problem: string;
  constructor(problem: string) {
    this.problem = problem;
  }
}

/**
 * Runs the command: for each record a line with its `line`, its `id` if it has one, and the output's fields, or `error`.
 * Resolves with the exit code, 1 if a record was refused. Throws `UsageError` for files that are not there, before a model
 * is opened; rejects with the reason of `signal`.
 */
export async function run(
  command: RunCommand,
  terminal: Terminal,
  streams: Streams,
  signal: AbortSignal,
): Promise<0 | 1> {
  const task = findTask(command.task);
  const source = await openInput(command.input, streams);
  let writer: LineWriter | undefined;
  let opened: OpenedTask | undefined;
  try {
    writer = await openOutput(command.output, command.input, streams);
    opened = await openTask(task, command, signal);
    if (source === streams.stdin && streams.stdin.isTTY) terminal.complain("Type texts, one a line; Ctrl-D ends");
    // Among lines of results on the terminal, progress would be in their way.
    const progress = command.output === "-" ? (): void => {} : terminal.progress;
    const { done, refused } = await runRecords(opened, source, formatOf(command), writer, progress, signal);
    await writer.commit();
    terminal.progress("");
    complainOfBackend(terminal, command.backend, opened.pipeline.backend);
    if (done === 0) terminal.complain("There was nothing to do: the input has no records");
    if (refused > 0) {
      terminal.complain(`${plural(refused, "record was", "records were")} refused of ${count(done)}: see "error"`);
    }
    return refused === 0 ? 0 : 1;
  } finally {
    terminal.progress("");
    source.destroy();
    await writer?.discard();
    await opened?.pipeline[asyncDispose]();
  }
}

async function runRecords(
  { pipeline, inputOf, fieldsOf }: OpenedTask,
  source: Readable,
  format: RecordFormat,
  writer: LineWriter,
  progress: Terminal["progress"],
  signal: AbortSignal,
): Promise<{ readonly done: number; readonly refused: number }> {
  /** Records whose outputs have not come yet, and what is wrong with those that go in as `Refused`. */
  const waiting: { readonly record: InputRecord; readonly problem: string | undefined }[] = [];
  let [done, refused] = [0, 0];
  const start = performance.now();
  const inputs = async function* (): AsyncGenerator {
    for await (const record of readRecords(source, format)) {
      const input = await inputOrRefusal(inputOf, record);
      waiting.push({ record, problem: input instanceof Refused ? input.problem : undefined });
      // The task throws for a `Refused` as for any input that is none, so that its line comes in its place.
      yield input;
    }
  };
  const onInputError = (error: InputError): Refused => new Refused(messageOf(error.cause ?? error));
  for await (const output of pipeline.stream(inputs(), { signal, onInputError })) {
    const { record, problem } = waiting.shift()!;
    const isRefused = output instanceof Refused;
    if (isRefused) refused += 1;
    const fields = isRefused ? { error: problem ?? output.problem } : fieldsOf(output);
    const id = record.id === undefined ? {} : { id: record.id };
    await writer.write(jsonLine({ line: record.line, ...id, ...fields }), signal);
    done += 1;
    const rate = Math.round((1000 * done) / (performance.now() - start));
    progress(`${count(done)} records, ${count(rate)} a second`);
  }
  return { done, refused };
}

async function inputOrRefusal(inputOf: OpenedTask["inputOf"], { value, problem }: InputRecord): Promise<unknown> {
  if (problem !== undefined) return new Refused(problem);
  try {
    return await inputOf(value);
  } catch (error) {
    return new Refused(messageOf(error));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function formatOf({ format, input }: RunCommand): RecordFormat {
  if (format !== "auto") return format;
  return /\.(?:jsonl|ndjson)$/i.test(input) ? "jsonl" : "lines";
}
