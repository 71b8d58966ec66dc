import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { plainLook } from "../../terminal/look.ts";
import type { Experiment, ExperimentReport, ReportPlot } from "../experiment.ts";
import { drawPlot } from "./draw-plot.ts";
import { reportMarkdown, tableMarkdown } from "./markdown.ts";
import { plotSpecification } from "./plot-specification.ts";
import { reportLines } from "./terminal-lines.ts";
import { writePage, writeRun } from "./write-report.ts";

const plot: ReportPlot = {
  name: "accuracy",
  title: "Right by size",
  x: { title: "images", kind: "log" },
  y: { title: "right, %", kind: "linear" },
  series: [
    { name: "attention", points: [100, 1000].map((x) => ({ x, y: x / 20, low: x / 25, high: x / 15 })) },
    { name: "convolution", points: [100, 1000].map((x) => ({ x, y: 40 })) },
  ],
};

const report: ExperimentReport = {
  title: "Less & more data",
  claim: "more is better.",
  method: ["Two sizes."],
  found: ["More was better."],
  caveats: ["One seed."],
  tables: [
    {
      title: "Right, in percent",
      columns: [{ title: "network" }, { title: "100 | 1,000", align: "right" }],
      rows: [["attention", "5"]],
    },
  ],
  plots: [plot],
};

const facts = {
  command: "saccade experiment sizes",
  seconds: 12.3,
  resumed: false,
  quick: false,
  date: "2026-11-21",
  commit: "abc1234",
  cpu: "a processor",
  cores: 2,
  node: "24.0.0",
  load: 1,
};

const folder = await mkdtemp(join(tmpdir(), "saccade-report-"));
afterAll(async () => rm(folder, { recursive: true }));

describe("drawPlot()", () => {
  test("draws axes with their titles, a legend and a line for each series, without a DOM", async () => {
    const svg = await drawPlot(plot);
    for (const text of ["Right by size", "images", "right, %", "attention", "convolution", "1,000"]) {
      expect(svg).toContain(text);
    }
    expect(svg.match(/class="mark-line/g)).toHaveLength(2);
    expect(svg).not.toContain("NaN");
  });

  test("stands categories in the order of the first series", async () => {
    const svg = await drawPlot({
      ...plot,
      x: { title: "heads", kind: "categories" },
      series: [{ name: "one", points: ["8", "1", "4"].map((x, i) => ({ x, y: i })) }],
    });
    const places = ["8", "1", "4"].map((label) => svg.indexOf(`>${label}</text>`));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places.every((place) => place > 0)).toBe(true);
  });
});

test("drawPlot() joins no points of categories that have no order, and those that have one", async () => {
  const drawn = async (kind: "categories" | "ordered"): Promise<string> =>
    drawPlot({
      ...plot,
      x: { title: "positions", kind },
      series: [{ name: "right", points: ["none", "learned"].map((x, i) => ({ x, y: i })) }],
    });
  expect(await drawn("categories")).not.toContain("mark-line");
  expect(await drawn("ordered")).toContain("mark-line");
});

test("plotSpecification() keeps the whole of every interval within the axis", () => {
  const { scales } = plotSpecification(plot) as { scales: { name: string; domain: number[] }[] };
  const { domain } = scales.find(({ name }) => name === "y")!;
  expect([Math.min(...domain), Math.max(...domain)]).toEqual([4, 1000 / 15]);
});

test("tableMarkdown() aligns numbers and keeps bars out of the cells", () => {
  expect(tableMarkdown(report.tables[0]!)).toEqual([
    "*Right, in percent*",
    "",
    "| network | 100 \\| 1,000 |",
    "| --- | ---: |",
    "| attention | 5 |",
  ]);
});

test("reportMarkdown() says claim, method, findings, caveats, and by which command", () => {
  const text = reportMarkdown({ name: "sizes", report, facts }, 2, "plots/").join("\n");
  for (const part of [
    "## Less & more data",
    "**The lecture:** more is better.",
    "**How:** Two sizes.",
    "- More was better.",
    "![Right by size](plots/sizes-accuracy.svg)",
    "- One seed.",
    "`saccade experiment sizes`: 12 s on 2026-11-21, at commit abc1234.",
  ]) {
    expect(text).toContain(part);
  }
});

test("reportLines() fit the terminal", () => {
  const terminal = { columns: 60, look: plainLook, print: () => {}, progress: () => {}, complain: () => {} };
  const lines = reportLines({ ...report, found: ["More ".repeat(40).trim()] }, terminal);
  expect(lines.every((line) => line.length <= 60)).toBe(true);
  expect(lines).toContain("Right, in percent");
});

test("writePage() writes reports again from figures, in the order of the experiments", async () => {
  const experiment = (name: string): Experiment => ({
    name,
    summary: "",
    data: [],
    minutes: { full: 1, quick: 1 },
    measure: async () => name,
    report: (results) => ({ ...report, title: `About ${String(results)}` }),
  });
  for (const name of ["late", "early"]) {
    expect(await writeRun(folder, { name, facts, results: name }, report)).toEqual([
      `${name}.json`,
      `${name}.md`,
      `${name}-accuracy.svg`,
    ]);
  }
  await writeFile(join(folder, "notes.txt"), "not a report");
  const page = join(folder, "PAGE.md");
  expect(await writePage(page, folder, ["early", "missing", "late"].map(experiment))).toEqual(["early", "late"]);
  const text = await readFile(page, "utf8");
  expect(text).toContain("- [About early](#about-early)\n- [About late](#about-late)");
  expect(text).toContain("](early-accuracy.svg)");
  expect(await readFile(join(folder, "late.md"), "utf8")).toContain("# About late");
  expect((await readdir(folder)).toSorted()).toEqual([
    "PAGE.md",
    "early-accuracy.svg",
    "early.json",
    "early.md",
    "late-accuracy.svg",
    "late.json",
    "late.md",
    "notes.txt",
  ]);
});
