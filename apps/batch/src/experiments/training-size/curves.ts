// Accuracy by the size of the training set, of several kinds of network: as a sentence, a table and a plot.

import type { PlotSeries, ReportPlot, ReportTable } from "../experiment.ts";
import { percent } from "../statistics.ts";

/** Accuracy of one kind of network by the size of its training set. */
export interface Curve {
  readonly name: string;
  readonly weights: number;
  readonly accuracies: readonly number[];
}

/** How far `ours` is from `theirs` at both ends, and whether they change places on the way. */
export function gapSentence(
  subject: string,
  sizes: readonly number[],
  ours: Curve,
  theirs: Curve,
  unit: string,
): string {
  const gaps = ours.accuracies.map((accuracy, i) => accuracy - theirs.accuracies[i]!);
  const [first, last] = [gaps[0]!, gaps.at(-1)!];
  const points = (gap: number): string =>
    `${(100 * Math.abs(gap)).toFixed(1)} points ${gap < 0 ? "behind" : "ahead of"}`;
  const crosses = gaps.findIndex((gap) => gap > 0);
  const course =
    crosses > 0 && first < 0 && gaps.slice(crosses).every((gap) => gap > 0)
      ? `the curves cross between ${number(sizes[crosses - 1]!)} and ${number(sizes[crosses]!)}`
      : gaps.some((gap) => gap > 0) && gaps.some((gap) => gap < 0)
        ? "the curves change places more than once"
        : gaps.every((gap) => gap > 0)
          ? "it is ahead at every size"
          : last > first
            ? "the gap gets smaller, the curves do not cross"
            : "the gap does not get smaller";
  return `${subject}: ${points(first)} ${theirs.name} with ${number(sizes[0]!)} ${unit}, ${points(last)} it with ${number(sizes.at(-1)!)}: ${course}.`;
}

/** A row for each network, a column for each size. */
export function curveTable(
  title: string,
  unit: string,
  sizes: readonly number[],
  curves: readonly Curve[],
): ReportTable {
  return {
    title,
    columns: [
      { title: "network" },
      { title: "weights", align: "right" },
      ...sizes.map((size) => ({ title: `${number(size)} ${unit}`, align: "right" as const })),
    ],
    rows: curves.map(({ name, weights, accuracies }) => [
      name,
      number(weights),
      ...accuracies.map((accuracy) => percent(accuracy, 1)),
    ]),
  };
}

/** A line for each network. */
export function curvePlot(
  name: string,
  title: string,
  x: string,
  y: string,
  { sizes, curves }: { readonly sizes: readonly number[]; readonly curves: readonly Curve[] },
): ReportPlot {
  return {
    name,
    title: `${title}, by the size of the training set`,
    x: { title: x, kind: "log" },
    y: { title: y, kind: "linear" },
    series: curves.map((curve): PlotSeries => ({
      name: curve.name,
      points: curve.accuracies.map((accuracy, i) => ({ x: sizes[i]!, y: 100 * accuracy })),
    })),
  };
}

/** An integer with commas. */
export function number(value: number): string {
  return value.toLocaleString("en");
}
