// How far each position of speech looks, against how often it is right and what that costs.

import { describeModelWeights, initialWeights } from "@saccade/attention-core";
import type { SpeechPattern } from "@saccade/speech-frames";
import { shuffledBatches } from "@saccade/training";
import type { Experiment, ExperimentContext, ExperimentReport, PlotSeries } from "../experiment.ts";
import { percent } from "../statistics.ts";
import { accuracyOf, type LabelledBatch, trainLabeller } from "../training/train-labeller.ts";
import { type Cost, costOf } from "./cost.ts";
import { digitFiles, gatherStrings, readStrings, type StringData } from "./strings.ts";

/** The experiment. */
export const windowSize: Experiment<Results> = {
  name: "window-size",
  summary: "the window of attention over speech: accuracy, time and memory from 5 seconds to 10 minutes",
  data: digitFiles,
  minutes: { full: 4, quick: 0.3 },
  measure,
  report,
};

/** Positions that each sees, itself and as many on either side; null for all. */
type Window = number | null;

interface Results {
  readonly training: {
    readonly strings: number;
    readonly seconds: number;
    readonly steps: number;
    readonly positions: number;
    readonly dev: number;
    /** Milliseconds from one position to the next. */
    readonly stepMilliseconds: number;
  };
  readonly windows: readonly WindowFigures[];
}

interface WindowFigures {
  readonly window: Window;
  /** Of a network that was trained with the window, and of the one trained with all. */
  readonly trained: number;
  readonly masked: number;
  readonly costs: readonly Cost[];
}

async function measure(context: ExperimentContext): Promise<Results> {
  const { quick, once, signal } = context;
  const data = readStrings(context.data, quick ? 12 : 2);
  signal.throwIfAborted();
  const windows: readonly Window[] = quick ? [5, null] : [5, 9, 17, 33, 65, null];
  const [steps, positions] = quick ? [10, 600] : [300, 1500];
  const lengths = quick ? [5, 10] : [5, 15, 60, 180, 600];
  const figures = new Map<Window, Pick<WindowFigures, "trained" | "masked">>();
  // The one that is trained with all first: it is also what is masked at test time. Its weights are not kept in a file.
  const accuracies = await once("trained with all", async () => trainFull(context, data, windows, steps, positions));
  for (const [w, window] of windows.entries()) {
    const trained =
      window === null
        ? accuracies[w]!
        : await once(`trained with ${nameOf(window)}`, async () =>
            trainWindow(context, data, window, steps, positions),
          );
    figures.set(window, { trained, masked: accuracies[w]! });
  }
  const results: WindowFigures[] = [];
  for (const window of windows) {
    const costs = await once(`cost of ${nameOf(window)}`, async () => costsOf(data, window, lengths, signal));
    results.push({ window, ...figures.get(window)!, costs });
  }
  return {
    training: {
      strings: data.train.length,
      seconds: Math.round(data.seconds),
      steps,
      positions,
      dev: data.dev.reduce((sum, { labels }) => sum + labels.length, 0),
      stepMilliseconds: data.config.frames.hopMilliseconds * 4,
    },
    windows: results,
  };
}

/** Trains with all positions and measures with each of `windows`. */
async function trainFull(
  context: ExperimentContext,
  data: StringData,
  windows: readonly Window[],
  steps: number,
  positions: number,
): Promise<number[]> {
  const { weights } = await trainLabeller(context, trainingOf(data, null, steps, positions));
  const accuracies: number[] = [];
  for (const window of windows) {
    accuracies.push(await accuracyOf(context, data.config.model, weights, devBatches(data, window)));
  }
  return accuracies;
}

async function trainWindow(
  context: ExperimentContext,
  data: StringData,
  window: Window,
  steps: number,
  positions: number,
): Promise<number> {
  return (await trainLabeller(context, trainingOf(data, window, steps, positions))).accuracy;
}

function trainingOf(
  data: StringData,
  window: Window,
  steps: number,
  positions: number,
): Parameters<typeof trainLabeller>[1] {
  const { config, train } = data;
  return {
    name: `trained with ${nameOf(window)}`,
    model: config.model,
    batches: shuffledBatches(
      train.map(({ labels }) => labels.length),
      { positions, seed: 1 },
    ),
    gather: (numbers) =>
      gatherStrings(
        config,
        Array.from(numbers, (n) => train[n]!),
        patternOf(window),
      ),
    dev: devBatches(data, window),
    steps,
    rate: 3e-3,
    dropout: 0.1,
    seed: 1,
  };
}

function devBatches({ config, dev }: StringData, window: Window): LabelledBatch[] {
  const size = 40;
  return Array.from({ length: Math.ceil(dev.length / size) }, (_, batch) =>
    gatherStrings(config, dev.slice(batch * size, (batch + 1) * size), patternOf(window)),
  );
}

/** Costs do not depend on what the weights are: drawn ones do. */
async function costsOf(
  { config }: StringData,
  window: Window,
  lengths: readonly number[],
  signal: AbortSignal,
): Promise<Cost[]> {
  const weights = initialWeights(describeModelWeights(config.model), 1);
  const costs: Cost[] = [];
  for (const seconds of lengths) {
    signal.throwIfAborted();
    costs.push(
      await costOf({ ...config, pattern: patternOf(window) }, weights, seconds, seconds <= 60 ? 3 : 1, signal),
    );
  }
  return costs;
}

function patternOf(window: Window): SpeechPattern {
  if (window === null) return { kind: "full" };
  const side = (window - 1) / 2;
  return { kind: "window", left: side, right: side };
}

function nameOf(window: Window): string {
  return window === null ? "all" : `${window}`;
}

function windowText(window: Window): string {
  return window === null ? "all positions" : `a window of ${window}`;
}

function report({ training, windows }: Results): ExperimentReport {
  const all = windows.at(-1)!;
  const narrow = windows[0]!;
  const best = windows.reduce((a, b) => (b.trained > a.trained ? b : a));
  const enough = windows.find(({ trained }) => trained >= best.trained - 0.005)!;
  const bestMasked = windows.reduce((a, b) => (b.masked > a.masked ? b : a));
  const lengths = all.costs.map(({ seconds }) => seconds);
  /** Where growth is looked at from: shorter sounds cost mostly what does not grow. */
  const from = Math.max(0, lengths.length - 3);
  const growth = ({ costs }: WindowFigures): string => {
    const [a, b] = [costs[from]!, costs.at(-1)!];
    return `${(b.milliseconds / a.milliseconds).toFixed(1)} times the time for ${number(b.seconds / a.seconds)} times the sound`;
  };
  const last = (figures: WindowFigures): Cost => figures.costs.at(-1)!;
  const memory = [
    costSeries(narrow, ({ peakBytes }) => peakBytes / 2 ** 20, `peak, window ${nameOf(narrow.window)}`),
    costSeries(all, ({ peakBytes }) => peakBytes / 2 ** 20, "peak, all positions"),
    // Four heads of four bytes each.
    costSeries(all, ({ pairs }) => (pairs * 16) / 2 ** 20, "a matrix of weights, which is not made"),
  ];
  return {
    title: "Windowed attention over speech",
    claim:
      "speech needs no attention over the whole recording: a window of some positions on either side loses little accuracy, and makes cost linear in the length of the sound.",
    method: [
      `${number(training.strings)} strings of 3 to 8 digits (${Math.round(training.seconds / 60)} minutes), joined from recordings of the Free Spoken Digit Dataset with silence, noise and gain, so that what is said when is known: a label for every ${training.stepMilliseconds} ms, nothing or one of ten digits. Log-mel frames, two convolutions of stride 2, two layers of attention of 64 columns with relative bias and no other convolution; ${training.steps} steps of about ${number(training.positions)} positions, one seed, measured on ${number(training.dev)} positions of other recordings of the same speakers.`,
      "A window of 17 is the position itself and 8 on either side, 0.3 seconds each. `masked` is the network that was trained with all positions, run with the window at test time only.",
      `Costs are of one recording, one thread, in processor time: ${lengths.map(lengthText).join(", ")}.`,
    ],
    found: [
      `Trained with it, ${windowText(best.window)} does best, ${percent(best.trained)}; the narrowest within half a point of that is ${windowText(enough.window)}. All positions give ${percent(all.trained)}.`,
      ...(all.trained < best.trained - 0.01
        ? [
            "A window is more than cheap here: it says beforehand that what is near matters, which the network with all positions has to learn, and in so short a training does not quite.",
          ]
        : []),
      `Masked at test time only, the network that was trained with all positions does best with ${windowText(bestMasked.window)}, ${percent(bestMasked.masked)}; with ${windowText(narrow.window)} it falls to ${percent(narrow.masked)}, where one that was trained so has ${percent(narrow.trained)}.`,
      `From ${lengthText(lengths[from]!)} to ${lengthText(lengths.at(-1)!)} a window of ${narrow.window} takes ${growth(narrow)}, all positions ${growth(all)}: ${lengthText(lengths.at(-1)!)} take ${number(last(narrow).milliseconds)} ms with the one and ${number(last(all).milliseconds)} ms with the other.`,
      `Memory grows with the sound alone: ${megabytes(last(narrow).peakBytes / 2 ** 20)} MiB with the one and ${megabytes(last(all).peakBytes / 2 ** 20)} MiB with the other for ${lengthText(lengths.at(-1)!)}. This library never makes the matrix of weights, which for all positions and four heads would take ${megabytes((last(all).pairs * 16) / 2 ** 20)} MiB in each layer.`,
    ],
    caveats: [
      "Digits with silence between them need little more context than one digit: that a narrow window is enough is a property of the task. Words of running speech need more.",
      "One seed, a short training; differences of half a point are noise.",
    ],
    tables: [
      {
        title: "Share of positions with the right label, by window",
        columns: [
          { title: "window, positions" },
          { title: "seconds seen to a side", align: "right" },
          { title: "trained with it", align: "right" },
          { title: "masked at test time", align: "right" },
        ],
        rows: windows.map(({ window, trained, masked }) => [
          nameOf(window),
          window === null ? "all" : ((((window - 1) / 2) * training.stepMilliseconds) / 1000).toFixed(2),
          percent(trained),
          percent(masked),
        ]),
      },
      {
        title: "Processor time in milliseconds, by window and length of the sound",
        columns: [
          { title: "window, positions" },
          ...lengths.map((seconds) => ({ title: lengthText(seconds), align: "right" as const })),
        ],
        rows: windows.map(({ window, costs }) => [
          nameOf(window),
          ...costs.map(({ milliseconds }) => (milliseconds < 100 ? milliseconds.toFixed(1) : number(milliseconds))),
        ]),
      },
      {
        title: "Memory in MiB, by length of the sound",
        columns: [
          { title: "memory" },
          ...lengths.map((seconds) => ({ title: lengthText(seconds), align: "right" as const })),
        ],
        rows: memory.map(({ name, points }) => [name, ...points.map(({ y }) => megabytes(y))]),
      },
    ],
    plots: [
      {
        name: "accuracy",
        title: "Labels of speech by the window of attention",
        x: { title: "window, positions of 40 ms", kind: "ordered" },
        y: { title: "positions with the right label, %", kind: "linear" },
        series: [
          {
            name: "trained with the window",
            points: windows.map((each) => ({ x: nameOf(each.window), y: 100 * each.trained })),
          },
          {
            name: "masked at test time",
            points: windows.map((each) => ({ x: nameOf(each.window), y: 100 * each.masked })),
          },
        ],
      },
      {
        name: "time",
        title: "What hearing costs by the length of the sound",
        x: { title: "length of the sound, seconds", kind: "log" },
        y: { title: "processor time, milliseconds", kind: "log" },
        series: windows.map((each) => costSeries(each, ({ milliseconds }) => milliseconds)),
      },
      {
        name: "memory",
        title: "Memory by the length of the sound",
        x: { title: "length of the sound, seconds", kind: "log" },
        y: { title: "memory, MiB", kind: "log" },
        series: memory,
      },
    ],
  };
}

function costSeries({ window, costs }: WindowFigures, valueOf: (cost: Cost) => number, name?: string): PlotSeries {
  return {
    name: name ?? (window === null ? "all positions" : `window ${window}`),
    points: costs.map((cost) => ({ x: cost.seconds, y: valueOf(cost) })),
  };
}

function megabytes(value: number): string {
  return value < 1000 ? value.toFixed(1) : number(value);
}

function lengthText(seconds: number): string {
  return seconds < 60 ? `${seconds} s` : `${seconds / 60} min`;
}

function number(value: number): string {
  return Math.round(value).toLocaleString("en");
}
