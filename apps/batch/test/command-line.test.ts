import { describe, expect, test } from "vitest";
import { runCommandLine } from "../src/command-line.ts";
import { InterruptedError } from "../src/commands/errors.ts";
import { recordingTerminal } from "./recording-terminal.ts";

const { signal } = new AbortController();

describe("runCommandLine() with a command line that cannot be carried out", () => {
  test.each([
    [[], "Usage: saccade"],
    [["atend"], "unknown command 'atend'"],
    [["attend"], "missing required argument 'text'"],
    [["attend", " \n"], "Cannot attend: TEXT must hold at least one word, it holds none"],
    [["attend", "x", "--heads", "0"], "Cannot read --heads: it must be an integer from 1 to 16"],
    [["attend", "x", "--heads"], "argument missing"],
    [["attend", "x", "--pattern", "window:1"], "Cannot read --pattern"],
    [["attend", "x", "--positions", "learned"], "Cannot read --positions"],
    [["attend", "x", "--jsn"], "unknown option '--jsn'"],
    [["attend", "x", "--\u001b[2J"], "unknown option '--\\u{1b}[2J'"],
    [["start", "x"], "too many arguments"],
  ])("%j exits with 2 and says why", async (args, complaint) => {
    const terminal = recordingTerminal();
    expect(await runCommandLine(args, terminal, signal, "1.2.3")).toBe(2);
    expect(terminal.complaints.join("\n")).toContain(complaint);
    expect(terminal.complaints.join("")).not.toContain("\u001b");
    expect(terminal.printed).toEqual([]);
  });
});

test("runCommandLine() shows help and version, and exits with 0", async () => {
  const terminal = recordingTerminal();
  expect(await runCommandLine(["--help"], terminal, signal, "1.2.3")).toBe(0);
  expect(await runCommandLine(["attend", "--help"], terminal, signal, "1.2.3")).toBe(0);
  expect(terminal.printed.join("\n")).toContain("--pattern <pattern>");
  expect(await runCommandLine(["--version"], terminal, signal, "1.2.3")).toBe(0);
  expect(terminal.printed.at(-1)).toBe("1.2.3");
  expect(terminal.complaints).toEqual([]);
});

describe("saccade attend", () => {
  test("prints the map of a text, quoted or not", async () => {
    const quoted = recordingTerminal();
    const bare = recordingTerminal();
    expect(await runCommandLine(["attend", "I saw a saw", "--positions", "none"], quoted, signal, "")).toBe(0);
    expect(await runCommandLine(["attend", "I", "saw", "a", "saw", "--positions", "none"], bare, signal, "")).toBe(0);
    const lines = quoted.printed.slice(0, 20);
    expect(bare.printed.slice(0, 20)).toEqual(lines);
    expect(lines.join("\n")).toMatchInlineSnapshot(`
      "full, no positions, 4 heads

                I   saw     a   saw
          I ## 90     4     2     4
        saw     3 :: 47     3 :: 47
          a     2     5 ## 89     5
        saw     3 :: 47     3 :: 47

        from .. 5 %  :: 25 %  ++ 50 %  ## 75 % of a row;  - not permitted, so not computed

        each head by itself; shades are relative to a row's largest
          letters           2 letters         3 letters         whole words
                 1 2 3 4           1 2 3 4           1 2 3 4           1 2 3 4
          1 I   ##          1 I   ##          1 I   ##..  ..    1 I   ##
          2 saw   ##..##    2 saw   ##  ##    2 saw ..##  ##    2 saw   ##  ##
          3 a     ..##..    3 a       ##      3 a       ##      3 a       ##
          4 saw   ##..##    4 saw   ##  ##    4 saw ..##  ##    4 saw   ##  ##

        4 words; 16 pairs computed of 16 dense, 100 %
      "
    `);
    expect(quoted.printed.join("\n")).toMatch(/differs from reference by at most \d\.\de-\d/);
  });

  test("prints shades where numbers do not fit, and pairs where shades do not", async () => {
    const narrow = recordingTerminal(60);
    await runCommandLine(["attend", "one two three four five six seven eight nine"], narrow, signal, "");
    expect(narrow.printed.join("\n")).toContain("1 one   ##");
    const long = recordingTerminal(60);
    const text = Array.from({ length: 100 }, (_, i) => `word${i % 10}`).join(" ");
    await runCommandLine(["attend", text, "--pattern", "causal"], long, signal, "");
    expect(long.printed.join("\n")).toContain("and 60 more words; --json has them all");
    expect(long.printed.join("\n")).toContain("100 words; 5,050 pairs computed of 10,000 dense, 51 %");
  });

  test("writes out what could steer the terminal", async () => {
    const terminal = recordingTerminal();
    await runCommandLine(["attend", "a \u001b[31mb \u202ec"], terminal, signal, "");
    expect(terminal.printed.join("\n")).toContain("\\u{1b}");
    for (const character of ["\u001b", "\u202e"]) expect(terminal.printed.join("")).not.toContain(character);
  });

  test("--json prints one object on one line", async () => {
    const terminal = recordingTerminal();
    const args = ["attend", "I saw a saw", "--json", "--pattern", "causal", "--heads", "2"];
    expect(await runCommandLine(args, terminal, signal, "")).toBe(0);
    expect(terminal.printed.length).toBe(1);
    const report = JSON.parse(terminal.printed[0]!) as Record<string, unknown>;
    expect(report).toMatchObject({
      words: ["I", "saw", "a", "saw"],
      pattern: { kind: "causal" },
      positions: "rotary",
      heads: 2,
      pairs: 10,
      densePairs: 16,
      backend: { name: "wasm" },
    });
    const { weights, topK, entropy, difference } = report as {
      weights: number[][];
      topK: { key: number }[][];
      entropy: number[][];
      difference: number;
    };
    expect(weights.map((row) => row.length)).toEqual([4, 4, 4, 4]);
    expect(weights[0]).toEqual([1, 0, 0, 0]);
    expect(topK[0]).toEqual([{ key: 0, weight: 1 }]);
    expect(topK[3]!.map(({ key }) => key)).toEqual([3, 1, 2]);
    expect(entropy.map((row) => row.length)).toEqual([2, 2, 2, 2]);
    expect(difference).toBeLessThan(1e-5);
  });

  test("--json keeps control characters inside strings, escaped by JSON", async () => {
    const terminal = recordingTerminal();
    await runCommandLine(["attend", "\u001b[31m", "--json"], terminal, signal, "");
    expect(terminal.printed[0]).not.toContain("\u001b");
    expect((JSON.parse(terminal.printed[0]!) as { words: string[] }).words[0]).toBe("\u001b");
  });

  test("stops when its signal aborts, and says by whom", async () => {
    const terminal = recordingTerminal();
    const stop = new AbortController();
    const running = runCommandLine(
      ["attend", ...Array.from({ length: 3000 }, (_, i) => `w${i}`)],
      terminal,
      stop.signal,
      "",
    );
    setTimeout(() => stop.abort(new InterruptedError("SIGINT")), 5);
    expect(await running).toBe(130);
    expect(terminal.complaints).toEqual(["Stopped by SIGINT"]);
    expect(terminal.printed).toEqual([]);
  });
});
