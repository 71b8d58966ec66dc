// What an experiment is: something that the lecture claims, measured on this project's code, and what the figures say. Figures
// are kept apart from their words, so that a report can be written again without measuring again. How a report is shown
// (terminal, Markdown, SVG) is not its business.

import type { DifferentiableBackend, FitProgress } from "@saccade/training";
import type { DataFile } from "../records/data-file.ts";
import type { Column } from "../terminal/table.ts";

/** What `saccade experiment` hands an experiment. */
export interface ExperimentContext {
  /** A file by its path from the folder of `--data`. */
  readonly data: (path: string) => DataFile;
  /** A WASM backend for training, on one thread. */
  readonly backend: DifferentiableBackend;
  /** A small version of everything: to see that it runs, not to learn from. */
  readonly quick: boolean;
  /** Figures of a part, such as a training: made now, or kept from a run that was stopped. */
  readonly once: <R>(part: string, make: () => Promise<R>) => Promise<R>;
  /** Told after each step of a training; `part` names the training. */
  readonly onProgress: (part: string, progress: FitProgress) => void;
  /** A line of what was found: told as it comes. */
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
}

/** A claim and how it is tried. `R` is what it measures: plain data that survives JSON. */
export interface Experiment<R = unknown> {
  /** As the command has it: "window-size". */
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** Files that it reads, by their paths from the folder of `--data`. */
  readonly data: readonly string[];
  /** About how long it takes on one core of two in 2026, in minutes. */
  readonly minutes: { readonly full: number; readonly quick: number };
  /** Rejects with the reason of the context's signal soon after it aborts. */
  measure(context: ExperimentContext): Promise<R>;
  /** What `results` say. */
  report(results: R): ExperimentReport;
}

/** What came out. */
export interface ExperimentReport {
  readonly title: string;
  /** What the lecture says. */
  readonly claim: string;
  /** How it was tried, in sentences: data, sizes, steps, seeds. */
  readonly method: readonly string[];
  /** What the numbers say, in sentences. */
  readonly found: readonly string[];
  /** What they do not say. */
  readonly caveats: readonly string[];
  readonly tables: readonly ReportTable[];
  readonly plots: readonly ReportPlot[];
}

/** A table of cells as they are shown. */
export interface ReportTable {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

/** Lines over one axis, each point with an interval if there is one. */
export interface ReportPlot {
  /** Of its file, after the experiment's name: "error" gives window-size-error.svg. */
  readonly name: string;
  readonly title: string;
  readonly x: PlotAxis;
  readonly y: PlotAxis;
  readonly series: readonly PlotSeries[];
}

/** An axis. Categories stand in the order in which the first series has them; lines join those that have an order of their own. */
export interface PlotAxis {
  /** With the unit. */
  readonly title: string;
  readonly kind: "linear" | "log" | "categories" | "ordered";
}

/** A line, and what it is called. */
export interface PlotSeries {
  readonly name: string;
  readonly points: readonly PlotPoint[];
}

/** A point; `low` and `high` bound the interval that is drawn through it. */
export interface PlotPoint {
  readonly x: number | string;
  readonly y: number;
  readonly low?: number;
  readonly high?: number;
}
