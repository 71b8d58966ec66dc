// A suite that cannot fail proves nothing: each broken backend must fail it.

import { asyncDispose, type Backend } from "@saccade/attention-core";
import { describe, expect, test } from "vitest";
import {
  type BackendCase,
  backendCases,
  describeBackend,
  runBackendCase,
  type TestFramework,
  trainingCases,
} from "../src/index.ts";
import { mutants } from "./mutants.ts";
import { trainingMutants } from "./training-mutants.ts";

const cases = backendCases();
const ofTraining = trainingCases();

describe("a backend that", () => {
  for (const [fault, { group, open }] of Object.entries(mutants)) {
    test(`${fault} fails a case of "${group}"`, async () => {
      expect(await firstFailure(cases, group, open)).not.toBeNull();
    });
  }
});

describe("a training backend that", () => {
  for (const [fault, { group, open }] of Object.entries(trainingMutants)) {
    test(`${fault} fails a case of "${group}"`, async () => {
      expect(await firstFailure(ofTraining, group, open)).not.toBeNull();
    });
  }
});

async function firstFailure<B extends Backend>(
  all: readonly BackendCase<B>[],
  group: string,
  open: () => B,
): Promise<string | null> {
  const ofGroup = all.filter((each) => each.group === group);
  expect(ofGroup.length).toBeGreaterThan(0);
  const backend = open();
  try {
    for (const each of ofGroup) {
      const { status, reason } = await runBackendCase(each, backend, open, { bitwise: true });
      if (status === "fail") return `${each.name}: ${reason}`;
    }
    return null;
  } finally {
    await backend[asyncDispose]();
  }
}

test("describeBackend() registers a test that throws for a broken backend", async () => {
  const bodies = new Map<string, () => Promise<void>>();
  const before: (() => Promise<void>)[] = [];
  const framework: TestFramework = {
    describe: (_name, body) => body(),
    test: Object.assign((name: string, body: () => Promise<void>) => bodies.set(name, body), { skip: () => {} }),
    beforeAll: (body) => before.push(body),
    afterAll: () => {},
  };
  describeBackend("broken", mutants["forgets the scale"]!.open, framework);
  for (const body of before) await body();
  expect(bodies.size).toBeGreaterThan(1000);
  await expect(bodies.get("17 rows, full")!()).rejects.toThrow(/output: error must be at most/);
  await expect(bodies.get("[7, 7] · [7, 5]")!()).resolves.toBeUndefined();
});

test("no two cases of a group have the same name", () => {
  const names = [...cases, ...ofTraining].map(({ group, name }) => `${group}: ${name}`);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});
