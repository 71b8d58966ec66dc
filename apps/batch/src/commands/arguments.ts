// Values of options, from text.

import type { AttentionPattern } from "@saccade/attention-core";
import type { BackendName } from "../backends/backend-list.ts";
import type { Positions } from "../examples/attend-words.ts";
import { printable } from "../terminal/text.ts";
import { UsageError } from "./errors.ts";

/** The most heads that `attend` takes. */
export const mostHeads = 16;

const positionKinds: readonly Positions[] = ["none", "sinusoidal", "rotary"];

/** `full`, `causal` or `window:LEFT,RIGHT`. Throws `UsageError`. */
export function readPattern(text: string): AttentionPattern {
  if (text === "full" || text === "causal") return { kind: text };
  const [, left, right] = /^window:(-?\d{1,9}),(-?\d{1,9})$/.exec(text) ?? [];
  if (left !== undefined && right !== undefined && Number(left) >= -1 && Number(right) >= -1) {
    return { kind: "window", left: Number(left), right: Number(right) };
  }
  throw new UsageError(
    `Cannot read --pattern: it must be full, causal or window:LEFT,RIGHT with numbers of words from 0, or -1 for no bound; it is ${quoted(text)}`,
  );
}

/** An integer from 1 to 16. Throws `UsageError`. */
export function readHeads(text: string): number {
  const heads = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (heads >= 1 && heads <= mostHeads) return heads;
  throw new UsageError(`Cannot read --heads: it must be an integer from 1 to ${mostHeads}, it is ${quoted(text)}`);
}

/** An integer from `from` to `to`. Throws `UsageError`. */
export function readInteger(option: string, text: string, from: number, to: number): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (value >= from && value <= to) return value;
  throw new UsageError(`Cannot read ${option}: it must be an integer from ${from} to ${to}, it is ${quoted(text)}`);
}

/** `lines`, `jsonl` or `auto`. Throws `UsageError`. */
export function readFormat(text: string): "lines" | "jsonl" | "auto" {
  if (text === "lines" || text === "jsonl" || text === "auto") return text;
  throw new UsageError(`Cannot read --format: it must be lines, jsonl or auto, it is ${quoted(text)}`);
}

/** One of `names`. Throws `UsageError`. */
export function readBackend<Name extends BackendName>(option: string, text: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === text);
  if (found !== undefined) return found;
  throw new UsageError(`Cannot read ${option}: it must be one of ${names.join(", ")}; it is ${quoted(text)}`);
}

/** `none`, `sinusoidal` or `rotary`. Throws `UsageError`. */
export function readPositions(text: string): Positions {
  const found = positionKinds.find((kind) => kind === text);
  if (found !== undefined) return found;
  throw new UsageError(`Cannot read --positions: it must be one of ${positionKinds.join(", ")}; it is ${quoted(text)}`);
}

/** A pattern in words. */
export function describePattern(pattern: AttentionPattern): string {
  if (pattern.kind !== "window") return pattern.kind;
  const side = (reach: number): string => (reach === -1 ? "all" : String(reach));
  return `window, ${side(pattern.left)} left and ${side(pattern.right)} right`;
}

function quoted(text: string): string {
  return `"${printable(text.slice(0, 60))}"`;
}
