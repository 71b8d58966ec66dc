// A Vitest reporter that leaves the counts of a run, and why tests were skipped, in the file that the variable
// TEST_REPORT names. The file is an output of the task, so a result that comes from the cache still counts.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Reporter, TestCase, TestModule } from "vitest/node";
import type { SkippedTest, TestCounts } from "./counts.ts";

export default class CountReporter implements Reporter {
  readonly #file: string | undefined = process.env["TEST_REPORT"];

  // Without any test file Vitest ends without calling onTestRunEnd.
  onInit(): void {
    this.#write({ finished: true, passed: 0, failed: 0, skipped: [] });
  }

  onTestRunStart(): void {
    this.#write({ finished: false, passed: 0, failed: 0, skipped: [] });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const skipped: SkippedTest[] = [];
    let passed = 0;
    let failed = unhandledErrors.length;
    for (const module of modules) {
      if (module.errors().length > 0) failed += 1;
      for (const suite of module.children.allSuites()) failed += suite.errors().length > 0 ? 1 : 0;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === "passed") passed += 1;
        else if (state === "failed") failed += 1;
        else skipped.push(describe(module, test));
      }
    }
    this.#write({ finished: true, passed, failed, skipped });
  }

  #write(counts: TestCounts): void {
    if (this.#file === undefined) return;
    const path = resolve(this.#file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${JSON.stringify(counts, null, 2)}\n`);
  }
}

function describe(module: TestModule, test: TestCase): SkippedTest {
  const result = test.result();
  const note = result.state === "skipped" ? result.note : undefined;
  // A name may say it itself: "softcap (not applicable: there is none)".
  const fallback = test.fullName.endsWith(")") ? "" : "no reason given";
  const name = `${module.relativeModuleId} > ${test.fullName}`;
  // Vitest adds the browser to the name of a browser project.
  const project = test.project.name.replace(/ \(.*\)$/, "");
  return { project, name, reason: note ?? (test.options.mode === "todo" ? "to do" : fallback) };
}
