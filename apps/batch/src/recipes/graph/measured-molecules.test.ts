import { DataFormatError } from "@saccade/text-tokens";
import { describe, expect, test } from "vitest";
import { readMeasuredMolecules } from "./measured-molecules.ts";

describe("readMeasuredMolecules()", () => {
  test("reads SMILES strings and numbers by the names of their columns", () => {
    const table = "name\tsmiles\tlogS\r\nethanol\tCCO\t1.1\r\nbenzene\tc1ccccc1\t-1.64e0\n\n";
    expect(readMeasuredMolecules(table, "logS")).toEqual([
      { smiles: "CCO", value: 1.1, line: 2 },
      { smiles: "c1ccccc1", value: -1.64, line: 3 },
    ]);
  });

  test.each([
    ["a table without the column", "smiles\tlogD\nCCO\t1\n", 1],
    ["a table without SMILES strings", "name\tlogS\nCCO\t1\n", 1],
    ["a line with a column too many", "smiles\tlogS\nCCO\t1\t2\n", 2],
    ["an empty SMILES string", "smiles\tlogS\n \t1\n", 2],
    ["an empty value", "smiles\tlogS\nCCO\t1\nCO\t\n", 3],
    ["a value that is a word", "smiles\tlogS\nCCO\tlow\n", 2],
    ["a value that is not finite", "smiles\tlogS\nCCO\tNaN\n", 2],
    ["a value too large for a number", "smiles\tlogS\nCCO\t1e999\n", 2],
    ["a hexadecimal value", "smiles\tlogS\nCCO\t0x10\n", 2],
  ])("refuses %s, and names the line", (_, table, line) => {
    const error = failure(table);
    expect(error.line).toBe(line);
    expect(error.message).toMatch(/^Cannot read .*[^.]$/u);
  });
});

function failure(table: string): DataFormatError {
  try {
    readMeasuredMolecules(table, "logS");
  } catch (error) {
    if (error instanceof DataFormatError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
