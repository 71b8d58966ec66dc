// Plots as SVG, by Vega: a library that is kept up, draws without a DOM, and takes its plots as plain data. It is loaded
// when there is something to draw, since no other command needs it.

import type { ReportPlot } from "../experiment.ts";
import { plotSpecification } from "./plot-specification.ts";

/** `plot` as the text of an SVG file. */
export async function drawPlot(plot: ReportPlot): Promise<string> {
  const { parse, View } = await import("vega");
  const view = new View(parse(plotSpecification(plot)), { renderer: "none" });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}
