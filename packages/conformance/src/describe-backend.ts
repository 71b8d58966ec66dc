// The suite as tests, under whichever framework the author of a backend has.

import type { Backend } from "@saccade/attention-core";
import { type BackendCase, type BackendPromises, runBackendCase } from "./backend-case.ts";
import { backendCases } from "./backend-cases.ts";
import type { OnnxCase } from "./onnx/onnx-case.ts";
import { runOnnxCase, whyNotApplicable } from "./onnx/run-onnx-case.ts";
import { type SharedBackend, shareBackend } from "./shared-backend.ts";

/** The functions of a test framework: those of Vitest and Jest as they are; of node:test with `before` and `after`. */
export interface TestFramework {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly test: ((name: string, body: () => Promise<void>) => unknown) & {
    readonly skip: (name: string, body: () => Promise<void>) => unknown;
  };
  readonly beforeAll: (body: () => Promise<void>) => unknown;
  readonly afterAll: (body: () => Promise<void>) => unknown;
}

/** What the suite is run with. */
export interface SuiteOptions extends BackendPromises {
  /** ONNX operator cases, by the name of their group; read them with `parseOnnxCases`. */
  readonly onnx?: Readonly<Record<string, readonly OnnxCase[]>>;
  /** Why a case does not run here, where it takes too long for instance; null for one that does. It is skipped by that name. */
  readonly omit?: (each: { readonly group: string; readonly name: string }) => string | null;
}

/**
 * Describes every demand of the contract as a test of the backend that `createBackend` opens: one backend for all
 * tests, and a few more for those that dispose theirs. A case that does not apply is skipped, its name says why.
 *
 * @example
 * import { afterAll, beforeAll, describe, test } from "vitest";
 * describeBackend("reference", createReferenceBackend, { describe, test, beforeAll, afterAll });
 */
export function describeBackend(
  name: string,
  createBackend: () => Backend | Promise<Backend>,
  framework: TestFramework,
  options: SuiteOptions = {},
): void {
  const { describe, test, beforeAll, afterAll } = framework;
  describe(`${name} conforms to the contract of a backend`, () => {
    const shared = shareBackend(createBackend);
    // Opened before the tests: a backend that cannot run here fails them all, with its own words.
    beforeAll(async () => {
      await shared.get();
    });
    afterAll(shared.close);
    describeCases(backendCases(), shared, createBackend, framework, options);
    for (const [group, cases] of Object.entries(options.onnx ?? {})) {
      describe(group, () => {
        for (const node of cases) {
          const why = whyNotApplicable(node);
          const omitted = options.omit?.({ group, name: node.case }) ?? null;
          if (why !== null || omitted !== null) {
            test.skip(`${node.case} (${why === null ? omitted : `not applicable: ${why}`})`, async () => {});
            continue;
          }
          test(node.case, async () => {
            const { status, reason } = await runOnnxCase(node, await shared.get());
            if (status === "fail") throw new Error(reason);
          });
        }
      });
    }
  });
}

/** Describes `cases` by group, as tests of a backend that they share. */
export function describeCases<B extends Backend>(
  cases: readonly BackendCase<B>[],
  shared: SharedBackend<B>,
  createBackend: () => B | Promise<B>,
  { describe, test }: TestFramework,
  { omit, ...promises }: SuiteOptions,
): void {
  for (const [group, ofGroup] of groupsOf(cases)) {
    describe(group, () => {
      for (const each of ofGroup) {
        if (each.requires === "bitwise" && !promises.bitwise) {
          test.skip(`${each.name} (not promised: bitwise)`, async () => {});
          continue;
        }
        const omitted = omit?.(each) ?? null;
        if (omitted !== null) {
          test.skip(`${each.name} (${omitted})`, async () => {});
          continue;
        }
        test(each.name, async () => {
          const { status, reason } = await runBackendCase(each, await shared.get(), createBackend, promises);
          if (status === "fail") throw new Error(reason);
        });
      }
    });
  }
}

function groupsOf<B extends Backend>(cases: readonly BackendCase<B>[]): Map<string, BackendCase<B>[]> {
  const groups = new Map<string, BackendCase<B>[]>();
  for (const each of cases) groups.set(each.group, [...(groups.get(each.group) ?? []), each]);
  return groups;
}
