import { describe, expect, test } from "vitest";
import { type HeatMap, legend, numberedMap, shadedMap, withPlaces } from "./heat-map.ts";
import { plainLook, richLook } from "./look.ts";

const weights = [
  [1, null, null],
  [0.25, 0.75, null],
  [0.004, 0.496, 0.5],
];
const map: HeatMap = {
  queries: ["I", "saw", "incomprehensibilities"],
  keys: ["I", "saw", "incomprehensibilities"],
  weight: (query, key) => weights[query]![key]!,
};

describe("numberedMap()", () => {
  test("shades, percent, and a mark where the pattern forbids", () => {
    expect(numberedMap(map, plainLook).join("\n")).toBe(`\
                 I   saw inco~
           I ##100     -     -
         saw :: 25 ## 75     -
incomprehen~     0 :: 50 ++ 50`);
  });

  test("blocks and colours on a terminal", () => {
    expect(numberedMap({ ...map, queries: ["I"] }, richLook)).toEqual([
      "      I   saw inco…",
      "I \u001b[36m██\u001b[39m100     \u001b[2m·\u001b[22m     \u001b[2m·\u001b[22m",
    ]);
  });

  test("no words, no map", () => {
    expect(numberedMap({ queries: [], keys: [], weight: () => null }, plainLook)).toEqual([""]);
  });
});

describe("shadedMap()", () => {
  test("is relative to the largest of a row, with places and notes", () => {
    expect(shadedMap(withPlaces(map), plainLook, ["first"]).join("\n")).toBe(`\
              1 2 3
1 I          ## - -  first
2 saw        ::## -
3 incompreh~   ####`);
  });

  test("has the tens of keys above their ones", () => {
    const wide: HeatMap = { queries: ["1"], keys: ["9", "10", "34"], weight: () => 0 };
    expect(shadedMap(wide, plainLook)).toEqual(["     1 3", "   9 0 4", "1"]);
  });
});

test("legend() says what shades and marks mean", () => {
  expect(legend(plainLook, "a row")).toBe(
    "from .. 5 %  :: 25 %  ++ 50 %  ## 75 % of a row;  - not permitted, so not computed",
  );
});
