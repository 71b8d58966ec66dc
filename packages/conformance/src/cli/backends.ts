// Which backends the command line knows by name, and how it finds others.

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Backend } from "@saccade/attention-core";
import { CliError } from "./cli-error.ts";
import { openGpu } from "./open-gpu.ts";

/** A backend that the command can open. */
export interface NamedBackend {
  readonly name: string;
  /** Whether it promises the same bits for a set alone and in any batch. */
  readonly bitwise: boolean;
  readonly open: () => Promise<Backend>;
}

const named: ReadonlyMap<string, NamedBackend> = new Map(
  [
    {
      name: "reference",
      bitwise: true,
      open: async () => (await import("@saccade/attention-core/reference")).createReferenceBackend(),
    },
    {
      name: "wasm",
      bitwise: true,
      open: async () => (await import("@saccade/attention-core/wasm")).createWasmBackend({ threads: 1 }),
    },
    {
      // Any adapter will do for numbers, a software one among them.
      name: "webgpu",
      bitwise: true,
      open: async () =>
        (await import("@saccade/attention-core/webgpu")).createWebgpuBackend({ gpu: await openGpu(), software: true }),
    },
  ].map((backend) => [backend.name, backend]),
);

/** The names that need no path. */
export const backendNames: readonly string[] = [...named.keys()];

/** What a backend says it runs on; null where that is this machine's processor. */
export function adapterOf(backend: Backend): string | null {
  const { adapter } = backend as { readonly adapter?: unknown };
  return typeof adapter === "string" ? adapter : null;
}

/** The backend called `name`; a name with a slash or an extension is the path of a module. Throws `CliError` for any other. */
export function findBackend(name: string): NamedBackend {
  const known = named.get(name);
  if (known !== undefined) return known;
  if (!/[/\\]|\.[cm]?[jt]s$/.test(name)) {
    throw new CliError(
      `Cannot open backend "${name}": it must be one of ${backendNames.join(", ")}, or the path of a module`,
    );
  }
  return { name, bitwise: false, open: () => openModule(name) };
}

async function openModule(path: string): Promise<Backend> {
  let module: { readonly createBackend?: unknown };
  try {
    module = (await import(pathToFileURL(resolve(path)).href)) as typeof module;
  } catch (error) {
    throw new CliError(`Cannot open backend "${path}": the module must load, ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (typeof module.createBackend !== "function") {
    throw new CliError(`Cannot open backend "${path}": the module must export a function createBackend, it does not`);
  }
  return (module.createBackend as () => Backend | Promise<Backend>)();
}
