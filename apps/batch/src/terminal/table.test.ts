import { expect, test } from "vitest";
import { indent, sideBySide, table } from "./table.ts";

test("table() aligns columns by what is seen", () => {
  const columns = [{ title: "word" }, { title: "pairs", align: "right" as const }];
  expect(
    table(columns, [
      ["你好", "1"],
      ["saw", "1,156"],
    ]),
  ).toEqual(["word  pairs", "你好      1", "saw   1,156"]);
});

test("sideBySide() fills shorter blocks up", () => {
  expect(sideBySide([["a", "bb"], ["c"], ["d", "e", "f"]], 2)).toEqual(["a   c  d", "bb     e", "       f"]);
  expect(sideBySide([])).toEqual([]);
});

test("indent() leaves empty lines empty", () => expect(indent(["a", ""])).toEqual(["  a", ""]));
