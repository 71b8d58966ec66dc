// `saccade run`: a task over a file or the standard input, a JSON line for each record.

import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { asyncDispose } from "@saccade/attention-core";
import { InputError } from "@saccade/pipeline";
import { fileWriter, type LineWriter, streamWriter } from "../records/line-writer.ts";
import { type InputRecord, readRecords, type RecordFormat } from "../records/read-records.ts";
import type { OpenedTask } from "../tasks/task.ts";
import { openTask } from "../tasks/open-task.ts";
import { findTask } from "../tasks/tasks.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { UsageError } from "./errors.ts";

/** What is to be run over what. */
export interface RunCommand {
  readonly task: string;
  /** A file, or "-". */
  readonly input: string;
  readonly output: string;
  readonly format: RecordFormat | "auto";
  readonly model: string | undefined;
  readonly threads: number;
}

/** The streams of the process, or those of a test. */
export interface Streams {
  readonly stdin: Readable;
  readonly stdout: NodeJS.WritableStream;
}

/** What stands in place of an output that there is none of. */
class Refused {
  readonly problem: string;
  constructor(problem: string) {
    this.problem = problem;
  }
}

/**
 * Runs the command: for each record a line with its `line`, its `id` if it has one, and the output's fields, or `error`.
 * Resolves with the exit code, 1 if a record was refused.
 */
export async function run(
  command: RunCommand,
  terminal: Terminal,
  streams: Streams,
  signal: AbortSignal,
): Promise<0 | 1> {
  const task = findTask(command.task);
  const source = await openInput(command.input, streams.stdin);
  const opened = await openTask(task, command, signal);
  const writer = command.output === "-" ? streamWriter(streams.stdout as never) : fileWriter(command.output);
  try {
    const refused = await runRecords(opened, source, formatOf(command), writer, terminal, signal);
    await writer.commit();
    if (refused === 0) return 0;
    terminal.complain(`${refused} ${refused === 1 ? "record was" : "records were"} refused; their lines have "error"`);
    return 1;
  } finally {
    terminal.progress("");
    source.destroy();
    await writer.discard();
    await opened.pipeline[asyncDispose]();
  }
}

async function runRecords(
  { pipeline, inputOf, fieldsOf }: OpenedTask,
  source: Readable,
  format: RecordFormat,
  writer: LineWriter,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const waiting: InputRecord[] = [];
  let [done, refused] = [0, 0];
  const start = performance.now();
  const inputs = async function* (): AsyncGenerator {
    for await (const record of readRecords(source, format)) {
      waiting.push(record);
      yield record.problem === undefined ? inputOrRefusal(inputOf, record.value) : new Refused(record.problem);
    }
  };
  const onInputError = (error: InputError): Refused => new Refused(messageOf(error.cause ?? error));
  for await (const output of pipeline.stream(inputs(), { signal, onInputError })) {
    const record = waiting.shift()!;
    const isRefused = output instanceof Refused;
    if (isRefused) refused += 1;
    const fields = isRefused ? { error: output.problem } : fieldsOf(output);
    await writer.write(JSON.stringify({ line: record.line, ...idOf(record.value), ...fields }));
    done += 1;
    terminal.progress(`${done} records, ${Math.round((1000 * done) / (performance.now() - start))} a second`);
  }
  return refused;
}

/** The task throws for a `Refused` as for any input that is none, so that it is told in its place in the order. */
function inputOrRefusal(inputOf: OpenedTask["inputOf"], value: unknown): unknown {
  try {
    return inputOf(value);
  } catch (error) {
    return new Refused(messageOf(error));
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function idOf(value: unknown): { readonly id?: unknown } {
  return typeof value === "object" && value !== null && "id" in value ? { id: value.id } : {};
}

function formatOf({ format, input }: RunCommand): RecordFormat {
  if (format !== "auto") return format;
  return /\.(?:jsonl|ndjson)$/i.test(input) ? "jsonl" : "lines";
}

async function openInput(input: string, stdin: Readable): Promise<Readable> {
  if (input === "-") return stdin;
  const stream = createReadStream(input, { encoding: "utf8" });
  return new Promise((resolve, reject) => {
    stream.once("open", () => resolve(stream));
    stream.once("error", (error) => {
      reject(new UsageError(`Cannot read --input: it must be a file or -: ${error.message}`, { cause: error }));
    });
  });
}
