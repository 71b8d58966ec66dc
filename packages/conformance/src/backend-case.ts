// What a case of the suite is, apart from any test framework.

import { type Backend, dispose, type Workspace } from "@saccade/attention-core";
import { type Checker, createChecker } from "./check/checker.ts";

/** What a case runs with. */
export interface CaseContext<B extends Backend = Backend> {
  /** Shared by all cases; a case leaves nothing behind in it. */
  readonly backend: B;
  /** Opens another one, for cases that dispose it; the case owns it. */
  readonly createBackend: () => Promise<B>;
  readonly check: Checker;
}

/** One demand of the contract. */
export interface BackendCase<B extends Backend = Backend> {
  readonly group: string;
  readonly name: string;
  /** What a backend must promise, or offer, for the case to apply to it. */
  readonly requires?: "bitwise" | "live";
  /** Throws where the backend does not do what the contract says. */
  readonly run: (context: CaseContext<B>) => Promise<void>;
  /** The largest error of a comparison, relative to its scale; default 2e-5. */
  readonly tolerance?: number;
}

/** What a backend promises beyond the contract. */
export interface BackendPromises {
  /** The same bits for a set alone and in any batch, and for every run. Default false. */
  readonly bitwise?: boolean;
}

/** What came of a case. */
export interface CaseOutcome {
  readonly status: "pass" | "fail" | "n/a";
  /** The largest error of all comparisons, relative to the scale of each. */
  readonly error: number;
  /** Why it failed or does not apply. */
  readonly reason: string;
}

/** Runs one case; an error of any kind is a failure with that reason. */
export async function runBackendCase<B extends Backend>(
  backendCase: BackendCase<B>,
  backend: B,
  createBackend: () => B | Promise<B>,
  promises: BackendPromises = {},
): Promise<CaseOutcome> {
  if (backendCase.requires === "bitwise" && !promises.bitwise) {
    return { status: "n/a", error: 0, reason: "the backend does not promise equal bits" };
  }
  if (backendCase.requires === "live" && liveOf(backend) === undefined) {
    return { status: "n/a", error: 0, reason: "the backend tells neither liveBytes nor liveTensors" };
  }
  const check = createChecker(backendCase.tolerance);
  try {
    await backendCase.run({ backend, createBackend: async () => createBackend(), check });
    return { status: "pass", error: check.worst, reason: "" };
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { status: "fail", error: check.worst, reason };
  }
}

/** Runs `body` in a workspace of `backend`, and disposes it afterwards, come what may. */
export async function withWorkspace<W extends Workspace, T>(
  backend: { readonly workspace: () => W },
  body: (workspace: W) => Promise<T> | T,
): Promise<T> {
  const workspace = backend.workspace();
  try {
    return await body(workspace);
  } finally {
    workspace[dispose]();
  }
}

/** How much a backend holds on its device, in bytes or in tensors, if it tells: neither is part of the contract. */
export function liveOf(backend: Backend): number | undefined {
  const { liveBytes, liveTensors } = backend as { readonly liveBytes?: unknown; readonly liveTensors?: unknown };
  const live = liveBytes ?? liveTensors;
  return typeof live === "number" ? live : undefined;
}
