// The commands of `saccade` and their options. What a command prints and returns is here; the process is in `main.ts`.

import { Command } from "commander";
import {
  mostHeads,
  readBackend,
  readFormat,
  readHeads,
  readInteger,
  readPattern,
  readPositions,
} from "./commands/arguments.ts";
import { attend } from "./commands/attend.ts";
import { evaluate } from "./commands/evaluate.ts";
import { exitCodes, explainError } from "./commands/exit-code.ts";
import { experiment } from "./commands/experiment.ts";
import { models } from "./commands/models.ts";
import { run } from "./commands/run.ts";
import { start } from "./commands/start.ts";
import { train } from "./commands/train.ts";
import { experiments } from "./experiments/experiments.ts";
import type { Streams } from "./records/open-streams.ts";
import { recipes } from "./recipes/recipes.ts";
import { tasks } from "./tasks/tasks.ts";
import type { Terminal } from "./terminal/terminal.ts";
import { printable } from "./terminal/text.ts";

interface AttendOptions {
  readonly pattern: string;
  readonly heads: string;
  readonly positions: string;
  readonly json?: true;
}

interface RunOptions {
  readonly input: string;
  readonly output: string;
  readonly format: string;
  readonly model?: string;
  readonly threads: string;
  readonly backend: string;
}

interface EvaluateOptions {
  readonly data: string;
  readonly json?: true;
  readonly model?: string;
  readonly threads: string;
  readonly backend: string;
  readonly compare?: string;
  readonly limit?: string;
}

const taskNames = tasks.map(({ name }) => name).join(", ");

interface ExperimentOptions {
  readonly data?: string;
  readonly output: string;
  readonly page?: string;
  readonly quick?: true;
  readonly resume?: true;
}

interface TrainOptions {
  readonly data: string;
  readonly output?: string;
  readonly checkpoints?: string;
  readonly resume?: true;
  readonly seed: string;
  readonly seeds: string;
  readonly epochs?: string;
  readonly threads: string;
  readonly backend: string;
  readonly software?: true;
}

/**
 * Runs the command that `args`, the arguments after the name of the program, ask for. Resolves with the exit code, see
 * `exitCodes`. Never rejects but for mistakes of our own.
 */
export async function runCommandLine(
  args: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
  version: string,
  streams: Streams = process,
): Promise<number> {
  let exitCode = 0;
  const program = createProgram(terminal, version);
  program
    .command("start")
    .description("tag and judge texts of ours, show where the tagger looks, and test what stands under it")
    .option("--once", "end after what the terminal shows; there is nothing else to run yet")
    .action(async () => {
      exitCode = await start(terminal, signal);
    });
  program
    .command("attend")
    .description("show the attention map of a text")
    .argument("<text...>", "the text; its words may stand in quotes or not")
    .option("--pattern <pattern>", "full, causal, or window:LEFT,RIGHT in words, -1 for no bound", "full")
    .option(
      "--heads <number>",
      `1 to ${mostHeads}; each looks at pieces of another length, the last at whole words`,
      "4",
    )
    .option("--positions <kind>", "none, sinusoidal or rotary: how a word is told where it stands", "rotary")
    .option("--json", "one JSON object on one line")
    .addHelpText("after", attendExamples)
    .action(async (text: readonly string[], options: AttendOptions) => {
      const command = {
        text: text.join(" "),
        pattern: readPattern(options.pattern),
        heads: readHeads(options.heads),
        positions: readPositions(options.positions),
        json: options.json === true,
      };
      exitCode = await attend(command, terminal, signal);
    });
  program
    .command("run")
    .description("run a task over a file or the standard input; JSON lines come out")
    .argument("<task>", taskNames)
    .option("--input <file>", "plain lines, or JSON lines in a file named .jsonl; - for the standard input", "-")
    .option("--output <file>", "- for the standard output; a file has its name only when it is whole", "-")
    .option("--format <format>", "lines, jsonl, or auto by the name of the file", "auto")
    .option("--model <folder>", "a model that saccade train made, instead of the one that is shipped")
    .option("--threads <number>", "how many compute, 1 to 64", "1")
    .option("--backend <name>", backendHelp, "wasm")
    .addHelpText("after", runHelp)
    .action(async (task: string, options: RunOptions) => {
      const command = {
        ...options,
        task,
        format: readFormat(options.format),
        model: options.model,
        threads: readThreads(options.threads),
        backend: readBackend("--backend", options.backend, ["wasm", "webgpu", "auto"]),
      };
      exitCode = await run(command, terminal, streams, signal);
    });
  program
    .command("evaluate")
    .description("say how good a task's model is on labelled data")
    .argument("<task>", taskNames)
    .requiredOption("--data <file>", "labelled data of the task's kind, see below")
    .option("--json", "a JSON object a line: task, metric, value, count, seconds")
    .option("--model <folder>", "a model that saccade train made, instead of the one that is shipped")
    .option("--threads <number>", "how many compute, 1 to 64", "1")
    .option("--backend <name>", backendHelp, "wasm")
    .option("--compare <backend>", "compute the same on wasm, webgpu or reference, and say how far they are apart")
    .option("--limit <number>", "compare so many inputs of each run; default: all")
    .addHelpText("after", evaluateHelp)
    .action(async (task: string, options: EvaluateOptions) => {
      const { data, json, model, threads, compare, limit } = options;
      const command = {
        task,
        data,
        json: json === true,
        model,
        threads: readThreads(threads),
        backend: readBackend("--backend", options.backend, ["wasm", "webgpu", "auto"]),
        compare: compare === undefined ? undefined : readBackend("--compare", compare, ["wasm", "webgpu", "reference"]),
        limit: limit === undefined ? Infinity : readInteger("--limit", limit, 1, Number.MAX_SAFE_INTEGER),
      };
      exitCode = await evaluate(command, terminal, signal);
    });
  program
    .command("models")
    .description("list the models that are shipped")
    .option("--json", "a JSON object a line")
    .action(async (options: { readonly json?: true }) => {
      exitCode = await models(options.json === true, terminal, signal);
    });
  program
    .command("train")
    .description("train a model from labelled data")
    .argument("<recipe>", recipes.map(({ name }) => name).join(", "))
    .requiredOption("--data <folder>", "the folder with the data of the recipe")
    .option("--output <folder>", "where the model goes; default: models/ and the recipe's name")
    .option("--checkpoints <folder>", "where training is kept, to go on; default: checkpoints/ and the recipe's name")
    .option("--resume", "go on from the checkpoints")
    .option("--seed <number>", "of everything that is drawn", "1")
    .option("--seeds <number>", "train so many, from --seed on, say mean and deviation, and keep the best", "1")
    .option("--epochs <number>", "instead of the recipe's own number")
    .option("--threads <number>", "how many compute, 1 to 64; of wasm", "1")
    .option("--backend <name>", "wasm, or webgpu for the GPU of this machine", "wasm")
    .option("--software", "let webgpu take a program that does the work of a GPU: right, and far slower than wasm")
    .addHelpText("after", trainHelp)
    .action(async (recipe: string, options: TrainOptions) => {
      const { data, output = `models/${recipe}`, checkpoints = `checkpoints/${recipe}`, epochs } = options;
      const command = {
        recipe,
        data,
        output,
        checkpoints,
        resume: options.resume === true,
        seed: readInteger("--seed", options.seed, 0, Number.MAX_SAFE_INTEGER),
        seeds: readInteger("--seeds", options.seeds, 1, 100),
        epochs: epochs === undefined ? undefined : readInteger("--epochs", epochs, 1, 10_000),
        threads: readThreads(options.threads),
        backend: readBackend("--backend", options.backend, ["wasm", "webgpu"]),
        software: options.software === true,
      };
      exitCode = await train(command, terminal, signal);
    });
  program
    .command("experiment")
    .description("try what the lecture claims: a table and a plot each")
    .argument("<name...>", `${experiments.map(({ name }) => name).join(", ")}; all, or none to write a page alone`)
    .option("--data <folder>", "the folder with the folders of data sets, see below")
    .option("--output <folder>", "where tables and plots go", "experiments")
    .option("--page <file>", "write a Markdown page too, of all experiments in the output folder")
    .option("--quick", "a small version of well under a minute, to see that it runs")
    .option("--resume", "go on where the same experiment was stopped")
    .addHelpText("after", experimentHelp)
    .action(async (names: readonly string[], options: ExperimentOptions) => {
      const { data, output, page, quick, resume } = options;
      const command = { names, data, output, page, quick: quick === true, resume: resume === true };
      exitCode = await experiment(command, terminal, signal);
    });
  try {
    await program.parseAsync([...args], { from: "user" });
    return exitCode;
  } catch (error) {
    return explainError(error, terminal, signal);
  }
}

const attendExamples = `
Examples:
  saccade attend "I saw a saw" --positions none
  saccade attend "time flies like an arrow" --pattern window:1,1 --heads 2
  saccade attend "time flies" --json`;

function readThreads(text: string): number {
  return readInteger("--threads", text, 1, 64);
}

const backendHelp = "wasm; webgpu, whatever the GPU is; or auto, a GPU where there is one";

const taskList = `
Tasks:
${tasks.map(({ name, summary }) => `  ${name}: ${summary}`).join("\n")}
`;

const runHelp = `${taskList}
A record is a line of text; of JSON lines a text in quotes, or an object with "text", or with "tokens" for words that are
cut already. Out come objects with the number of the "line", the record's "id" if it has one, and what the task found.
A record that cannot be worked on gets a line with "error", and the exit code is then 1.

Examples:
  echo "I saw a saw" | saccade run text/upos
  saccade run text/upos --input letters.jsonl --output tagged.jsonl`;

const evaluateHelp = `
Tasks and their data:
${tasks.map(({ name, labelled }) => `  ${name}: ${labelled}`).join("\n")}

Examples:
  saccade evaluate text/upos --data en_ewt-ud-dev.conllu
  saccade evaluate text/upos --data en_ewt-ud-dev.conllu --model models/text/upos --json
  saccade evaluate text/upos --data en_ewt-ud-dev.conllu --compare webgpu --limit 100`;

const trainHelp = `
Recipes and their data:
${recipes.map(({ name, summary, data }) => `  ${name}: ${summary}; ${data.join(", ")}`).join("\n")}

SIGINT (Ctrl-C) saves and ends; --resume then goes on to the same weights as if it had not. The same seed gives the same
weights on the same backend; another one rounds otherwise. On a GPU there is no other backend to fall back on: what is missing
is said, and a device that is lost ends the command, which --resume takes up again.

Examples:
  saccade train text/upos --data ud-english-ewt
  saccade train text/upos --data ud-english-ewt --backend webgpu
  saccade train text/upos --data ud-english-ewt --resume`;

const experimentHelp = `
Experiments, and the files that they read in the folder of --data:
${experiments.map(({ name, summary, data }) => `  ${[`${name}: ${summary}`, ...data].join("\n    ")}`).join("\n")}

Examples:
  saccade experiment convolution-as-attention
  saccade experiment positions --data data --quick`;

function createProgram(terminal: Terminal, version: string): Command {
  const lines = (text: string): string[] => text.replace(/\n$/, "").split("\n");
  return new Command("saccade")
    .description("Attention that you can look into.")
    .version(version)
    .addHelpText("after", exitCodes)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.print(lines(text)),
      writeErr: (text) => lines(printableLines(text)).forEach(terminal.complain),
      getOutHelpWidth: () => terminal.columns,
      getErrHelpWidth: () => terminal.columns,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
}

/** Control characters but for the ends of lines written out: an unknown option may hold any. */
function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}
