import { describe, expect, it } from "vitest";
import { spawnForResult } from "./spawn-case.ts";

describe("spawnForResult()", () => {
  it("parses the object on the last line", async () => {
    const program = 'console.log("something else"); console.log(JSON.stringify({ ms: 1 }))';
    expect(await spawnForResult(process.execPath, ["--eval", program])).toEqual({ result: { ms: 1 }, status: 0 });
  });

  it("has no result of a process that prints none, fails, or is killed at its limit", async () => {
    const none = await spawnForResult(process.execPath, ["--eval", 'console.log("text"); process.exit(3)']);
    expect(none).toEqual({ result: undefined, status: 3 });
    const hanging = await spawnForResult(process.execPath, ["--eval", "setInterval(() => {}, 1000)"], 300);
    expect(hanging).toEqual({ result: undefined, status: "SIGKILL" });
  });
});
