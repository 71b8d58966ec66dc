// The table of models in README.md beside the cards of the models.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { workspaceRoot } from "./write-examples.ts";

const read = (path: string): string => readFileSync(join(workspaceRoot, path), "utf8");

/** The cells of each line of a table in Markdown. */
function cellsOf(text: string): string[][] {
  const lines = text.split("\n").filter((line) => line.startsWith("| "));
  return lines.map((line) => line.slice(2, -2).split(" | "));
}

const section = /\n## Models\n([\s\S]*?)\n## /.exec(read("README.md"))?.[1] ?? "";
const rows = cellsOf(section).filter(([task]) => task?.startsWith("["));
const folderOf = (task: string): string => /\]\((.*)\)$/.exec(task)?.[1] ?? "";

test("README.md lists every model that is shipped", () => {
  const folders = readdirSync(join(workspaceRoot, "packages")).flatMap((name) => {
    const models = `packages/${name}/models`;
    if (!existsSync(join(workspaceRoot, models))) return [];
    return readdirSync(join(workspaceRoot, models)).map((model) => `${models}/${model}`);
  });
  expect(rows.map(([task]) => folderOf(task!)).sort()).toEqual(folders.sort());
});

test.each(rows)("%s: the figure is that of its card", (task, _, metric, value) => {
  const measured = cellsOf(read(`${folderOf(task)}/README.md`));
  expect(measured.filter((cells) => cells[1] === metric).map((cells) => cells[2])).toContain(value);
});
