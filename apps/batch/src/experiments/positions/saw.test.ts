import { asyncDispose } from "@saccade/attention-core";
import { createReferenceBackend } from "@saccade/attention-core/reference";
import { createWasmBackend } from "@saccade/attention-core/wasm";
import { afterAll, describe, expect, test } from "vitest";
import { sawNetworks, seeSaw } from "./saw.ts";

const backends = [createReferenceBackend(), await createWasmBackend()];
afterAll(async () => {
  for (const backend of backends) await backend[asyncDispose]();
});

describe.each(backends)("on $name", (backend) => {
  test.each(sawNetworks.slice(0, 2))("$name says the same of both words saw, to the bit", async (network) => {
    expect((await seeSaw(backend, network, 1)).apart).toBe(0);
  });

  test.each(sawNetworks.slice(2))("$name tells the two words saw apart", async (network) => {
    expect((await seeSaw(backend, network, 1)).apart).toBeGreaterThan(1e-3);
  });

  test.each(sawNetworks.slice(0, 2))("$name moves with its words", async (network) => {
    expect((await seeSaw(backend, network, 1)).moved).toBeLessThan(1e-5);
  });

  test.each(sawNetworks.slice(2))("$name does not move with its words", async (network) => {
    expect((await seeSaw(backend, network, 1)).moved).toBeGreaterThan(1e-3);
  });
});
