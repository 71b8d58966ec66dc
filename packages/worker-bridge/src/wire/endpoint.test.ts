// Calls over a pair of ports: what cannot be sent, and what is pending at the end.

import { type Remote, expose, wrap } from "comlink";
import { expect, test } from "vitest";
import { portEndpoint, type PortEndpoint } from "./endpoint.ts";
import type { Note } from "./messages.ts";

interface Echo {
  echo(value: unknown): unknown;
  give(what: "function" | "symbol" | "twice"): unknown;
  wait(): Promise<never>;
}

interface Pair {
  readonly near: PortEndpoint;
  readonly remote: Remote<Echo>;
  readonly notes: Note[];
  readonly far: PortEndpoint;
}

function pair(): Pair {
  const { port1, port2 } = new MessageChannel();
  const notes: Note[] = [];
  const near = portEndpoint(port1, {
    onNote: (note) => notes.push(note),
    onUnreadable: () => {},
    onUnsendable: (cause) => ({ error: new TypeError("cannot be cloned", { cause }) }),
  });
  const far = portEndpoint(port2, {
    onNote: (note) => far.send(note),
    onUnreadable: () => {},
    onUnsendable: () => ({ answer: "something else" }),
  });
  const buffer = new ArrayBuffer(8);
  const gifts = { function: () => 1, symbol: Symbol("no"), twice: [buffer, new WeakMap()] };
  const echo: Echo = { echo: (value) => value, give: (what) => gifts[what], wait: () => new Promise(() => {}) };
  expose(echo, far.endpoint);
  return { near, far, notes, remote: wrap<Echo>(near.endpoint) };
}

const end = new Error("the end");

const uncloneable: readonly (readonly [string, unknown])[] = [
  ["a function", () => 1],
  ["a symbol", Symbol("no")],
  ["a WeakMap", new WeakMap()],
  ["a WeakRef", new WeakRef({})],
  ["a promise", Promise.resolve(1)],
  ["a proxy of a function", new Proxy(() => 1, {})],
  ["a method in an object", { deep: [{ method: () => 1 }] }],
  ["a generator", (function* () {})()],
];

test.each(uncloneable)("%s that is sent rejects with our error, and nothing stays pending", async (_, value) => {
  const { near, remote } = pair();
  await expect(remote.echo(value)).rejects.toThrow("cannot be cloned");
  expect(near.pending).toBe(0);
  expect(await remote.echo("still there")).toBe("still there");
  near.close(end);
});

const cloneable: readonly unknown[] = [
  undefined,
  null,
  1n,
  NaN,
  "text",
  new Date(5),
  new Map([[1, new Set([2])]]),
  Float32Array.of(1, 2),
  new Uint8Array(new SharedArrayBuffer(4)),
  [{ deep: { deeper: [1, , 3] } }], // oxlint-disable-line no-sparse-arrays
];

test.each(cloneable)("%o comes back as it was", async (value) => {
  const { near, remote } = pair();
  expect(await remote.echo(value)).toEqual(value);
  near.close(end);
});

test("a result that cannot be cloned is answered by something else", async () => {
  const { near, remote } = pair();
  for (const what of ["function", "symbol", "twice"] as const) expect(await remote.give(what)).toBe("something else");
  expect(near.pending).toBe(0);
  near.close(end);
});

test("closing rejects what is pending and whatever comes after, once", async () => {
  const { near, remote } = pair();
  const waiting = Array.from({ length: 10 }, async () => remote.wait());
  await remote.echo(1);
  expect(near.pending).toBe(10);
  near.close(end);
  near.close(new Error("another"));
  for (const each of await Promise.allSettled(waiting)) expect(each).toEqual({ status: "rejected", reason: end });
  await expect(remote.echo(1)).rejects.toBe(end);
  expect(near.pending).toBe(0);
});

test("notes go both ways without an answer, and comlink's release does not end the other side", async () => {
  const { near, remote, notes } = pair();
  near.send({ note: "cancel", call: 1, reason: { kind: "value", value: "why" } });
  expect(await remote.echo(1)).toBe(1);
  expect(notes).toEqual([{ note: "cancel", call: 1, reason: { kind: "value", value: "why" } }]);
  near.endpoint.postMessage({ id: "released", type: "RELEASE" });
  expect(await remote.echo(2)).toBe(2);
  near.close(end);
  near.send({ note: "cancel", call: 2, reason: { kind: "value", value: "late" } });
});
