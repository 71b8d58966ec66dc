// A plot as a specification for Vega (https://vega.github.io/vega/docs/specification/): plain JSON, so that what is drawn
// can be tested without looking at pixels.

import type { PlotAxis, ReportPlot } from "../experiment.ts";

/** Colours that stay apart for colour-blind eyes too (Okabe and Ito 2008); shapes tell lines apart without colour. */
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000"];
const shapes = ["circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "stroke"];

const text = "#222222";
const font = "Helvetica, Arial, sans-serif";

/** Width and height of the area between the axes, in pixels. */
const [width, height] = [520, 300];

/** The specification of `plot`: lines with points, intervals through them, axes with titles, and a legend below. */
export function plotSpecification({ title, x, y, series }: ReportPlot): Readonly<Record<string, unknown>> {
  const values = series.flatMap(({ name, points }) => points.map((point) => ({ series: name, ...point })));
  const names = series.map(({ name }) => name);
  const across = [...new Set(values.map((value) => value.x))];
  const ends = values.flatMap(({ y: value, low = value, high = value }) => [low, high]);
  return {
    $schema: "https://vega.github.io/schema/vega/v6.json",
    width,
    height,
    padding: 12,
    background: "white",
    title: { text: title, anchor: "start", fontSize: 15, font, color: text, offset: 14 },
    data: [
      { name: "points", values },
      { name: "intervals", source: "points", transform: [{ type: "filter", expr: "isValid(datum.low)" }] },
    ],
    scales: [
      scaleOf("x", x, "width", across),
      scaleOf("y", y, "height", ends),
      { name: "colour", type: "ordinal", domain: names, range: colours },
      { name: "shape", type: "ordinal", domain: names, range: shapes },
    ],
    axes: [axisOf("bottom", "x", x, ticksAcross(x, across)), axisOf("left", "y", y, ticksUp(y, ends))],
    legends: [legend(names)],
    marks: [...(x.kind === "categories" ? [] : [lines]), intervals, points],
  };
}

function scaleOf(name: string, { kind }: PlotAxis, range: string, domain: readonly unknown[]): object {
  if (kind === "categories" || kind === "ordered") return { name, type: "point", range, domain, padding: 0.5 };
  const numbers = domain as readonly number[];
  const extent = [Math.min(...numbers), Math.max(...numbers)];
  return { name, type: kind, range, domain: extent, nice: kind === "linear" || name === "y", zero: false };
}

/** Along a logarithmic axis there are labels where there are points, which are few and not evenly spread. */
function ticksAcross({ kind }: PlotAxis, values: readonly unknown[]): object {
  return kind === "log" ? { values, format: ",", labelOverlap: "greedy", labelSeparation: 6 } : {};
}

/** Up a logarithmic axis at the powers of ten; as numbers while they are readable as such. */
function ticksUp({ kind }: PlotAxis, ends: readonly number[]): object {
  if (kind !== "log") return {};
  const [low, high] = [Math.floor(Math.log10(Math.min(...ends))), Math.ceil(Math.log10(Math.max(...ends)))];
  const values = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
  return { values, format: low < -4 ? "~e" : ",~f" };
}

function axisOf(orient: "bottom" | "left", scale: string, { title, kind }: PlotAxis, ticks: object): object {
  return {
    orient,
    scale,
    title,
    grid: kind === "linear" || kind === "log",
    gridColor: "#e4e4e4",
    domainColor: text,
    tickColor: text,
    labelColor: text,
    labelFont: font,
    labelFontSize: 12,
    titleColor: text,
    titleFont: font,
    titleFontSize: 13,
    titleFontWeight: "normal",
    titlePadding: 10,
    ...ticks,
  };
}

function legend(names: readonly string[]): object {
  return {
    orient: "bottom",
    direction: "horizontal",
    columns: Math.max(1, Math.floor(72 / (Math.max(...names.map(({ length }) => length)) + 6))),
    stroke: "colour",
    fill: "colour",
    shape: "shape",
    symbolSize: 70,
    labelColor: text,
    labelFont: font,
    labelFontSize: 12,
    labelLimit: 0,
    columnPadding: 18,
    offset: 14,
  };
}

const place = { x: { scale: "x", field: "x" }, y: { scale: "y", field: "y" } };
const stroke = { scale: "colour", field: "series" };

const lines = {
  type: "group",
  from: { facet: { name: "line", data: "points", groupby: "series" } },
  marks: [{ type: "line", from: { data: "line" }, encode: { enter: { ...place, stroke, strokeWidth: { value: 2 } } } }],
};

const intervals = {
  type: "rule",
  from: { data: "intervals" },
  encode: {
    enter: {
      x: place.x,
      y: { scale: "y", field: "low" },
      y2: { scale: "y", field: "high" },
      stroke,
      strokeWidth: { value: 1.2 },
    },
  },
};

const points = {
  type: "symbol",
  from: { data: "points" },
  encode: {
    enter: { ...place, stroke, fill: stroke, shape: { scale: "shape", field: "series" }, size: { value: 55 } },
  },
};
