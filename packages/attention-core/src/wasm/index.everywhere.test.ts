// Opening the backend: options, binaries that cannot be had, and what it came to be.

import { afterEach, describe, expect, it, vi } from "vitest";
import { asyncDispose, dispose } from "../disposal.ts";
import { BackendUnavailableError, DisposedError } from "../errors.ts";
import { emptyModule, trappingModule } from "../../test/tiny-wasm.ts";
import { threadsWork } from "../../test/threads.ts";
import { differingBits, runLayer, sharedLayer, smallLayer } from "../../test/wasm-work.ts";
import {
  type BinaryName,
  type BinarySource,
  createWasmBackend,
  type WasmBackend,
  type WasmBackendOptions,
} from "./index.ts";
import { probeSimd } from "./loader.ts";
import { builtinModule } from "./node.ts";

const opened: WasmBackend[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  for (const backend of opened.splice(0)) await backend[asyncDispose]();
});

async function open(options?: WasmBackendOptions): Promise<WasmBackend> {
  const backend = await createWasmBackend(options);
  opened.push(backend);
  return backend;
}

/** The engine as it would be without relaxed SIMD, and without the switch that Node 20 has for it. */
function withoutRelaxedSimd(): void {
  vi.spyOn(WebAssembly, "validate").mockImplementation((bytes) => new Uint8Array(bytes as ArrayBuffer).at(-3) !== 133);
  if (builtinModule("node:v8") === null) return;
  const find = process.getBuiltinModule.bind(process) as (id: string) => object | undefined;
  vi.spyOn(process, "getBuiltinModule").mockImplementation(((id: string) =>
    id === "node:v8" ? undefined : find(id)) as typeof process.getBuiltinModule);
}

const { relaxed } = probeSimd();
const kind = relaxed ? "relaxed" : "simd";
const page = 65_536;

describe("createWasmBackend()", () => {
  const failures: readonly { readonly what: string; readonly binary: BinarySource; readonly reason: RegExp }[] = [
    {
      what: "a response of 404",
      binary: async () => new Response("not here", { status: 404 }),
      reason: /answered 404/,
    },
    { what: "a page instead of a binary", binary: async () => new Response("<!doctype html>"), reason: /CompileError/ },
    { what: "garbage", binary: async () => Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), reason: /CompileError/ },
    { what: "nothing", binary: async () => new ArrayBuffer(0), reason: /CompileError/ },
    { what: "a truncated binary", binary: async () => trappingModule(false).slice(0, 200), reason: /CompileError/ },
    { what: "a rejection", binary: () => Promise.reject(new Error("offline")), reason: /^Error: offline$/ },
    {
      what: "an error that is thrown",
      binary: () => {
        throw new Error("no source");
      },
      reason: /^Error: no source$/,
    },
    { what: "a binary that lacks kernels", binary: async () => emptyModule(), reason: /it lacks .*rotate, softmax/ },
    { what: "a binary for shared memory", binary: async () => trappingModule(true), reason: /LinkError/ },
  ];

  it.each(failures)(
    "rejects with BackendUnavailableError when its binary is $what, and opens afterwards",
    async ({ binary, reason }) => {
      const error: unknown = await createWasmBackend({ binary }).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(BackendUnavailableError);
      const { message, reasons, code } = error as BackendUnavailableError;
      expect(code).toBe("backend-unavailable");
      expect(message).toContain(`"${kind}"`);
      expect(reasons).toHaveLength(1);
      expect(reasons[0]).toMatch(reason);
      expect(await runLayer(await open(), smallLayer)).not.toHaveLength(0);
    },
  );

  it("asks for the binary that it needs, each time anew", async () => {
    const asked: BinaryName[] = [];
    const binary: BinarySource = async (name) => {
      asked.push(name);
      return trappingModule(name.endsWith("-shared"));
    };
    await open({ binary });
    await open({ binary, simd: "plain" });
    await open({ binary, threads: 2 });
    expect(asked).toEqual([kind, "simd", threadsWork ? `${kind}-shared` : kind]);
  });

  it.each([0, -1, 1.5, 65, NaN, Infinity])("throws RangeError for %d threads, and says so", async (threads) => {
    const error: unknown = await createWasmBackend({ threads }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RangeError);
    expect((error as Error).message).toBe(
      `Cannot open the WASM backend: threads must be an integer from 1 to 64 or "auto", they are ${threads}`,
    );
  });

  it.each([0, -1, 16 * page - 1, 65_536 * page + 1, NaN, Infinity])(
    "throws RangeError for %d maximumBytes, and says so",
    async (maximumBytes) => {
      const error: unknown = await createWasmBackend({ maximumBytes }).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(RangeError);
      expect((error as Error).message).toContain(`it is ${maximumBytes}`);
    },
  );

  it.each([16 * page, 16 * page + 100, 64 * 2 ** 20])(
    "takes %d maximumBytes and tells them as its limit, in whole pages",
    async (maximumBytes) => {
      const backend = await open({ maximumBytes });
      expect(backend.limits).toEqual({
        maxBufferBytes: Math.floor(maximumBytes / page) * page,
        dtypes: ["f32", "i32"],
      });
      expect(backend.memoryBytes).toBe(16 * page);
    },
  );

  it("makes do with less memory where the engine refuses that much, and tells it as its limit", async () => {
    const Memory = WebAssembly.Memory;
    vi.spyOn(WebAssembly, "Memory").mockImplementation(function (descriptor) {
      if (descriptor.maximum! > 10_000) throw new RangeError("could not allocate memory");
      return new Memory(descriptor);
    });
    expect((await open()).limits.maxBufferBytes).toBe(8192 * page);
  });

  it("rejects with BackendUnavailableError where the engine gives no memory", async () => {
    const cause = new RangeError("could not allocate memory");
    vi.spyOn(WebAssembly, "Memory").mockImplementation(function () {
      throw cause;
    });
    const error: unknown = await createWasmBackend().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BackendUnavailableError);
    expect(error).toMatchObject({ reasons: ["its memory could not be made"], cause });
  });

  it("opens one thread by default, and runs the binary of this engine", async () => {
    const backend = await open();
    expect(backend).toMatchObject({ name: "wasm", threads: 1, reason: null, binary: kind });
    expect((await open({ simd: "plain" })).binary).toBe("simd");
  });

  it('opens as many threads for "auto" as there are cores, at most eight', async () => {
    const os = builtinModule<{ availableParallelism(): number }>("node:os");
    const cores = os?.availableParallelism() ?? navigator.hardwareConcurrency;
    const backend = await open({ threads: "auto" });
    expect(backend.threads).toBe(threadsWork ? Math.min(8, cores) : 1);
  });

  it('takes simd: "relaxed" where the engine has it', async ({ skip }) => {
    if (!relaxed) skip("this engine has no relaxed SIMD");
    expect((await open({ simd: "relaxed" })).binary).toBe("relaxed");
  });

  it('refuses simd: "relaxed" where the engine has none', async () => {
    if (relaxed) withoutRelaxedSimd();
    const error: unknown = await createWasmBackend({ simd: "relaxed" }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BackendUnavailableError);
    expect((error as BackendUnavailableError).reasons).toEqual(["this engine has no relaxed SIMD"]);
    expect((await open()).binary).toBe("simd");
  });

  it("rejects with BackendUnavailableError where the engine has no SIMD", async () => {
    vi.spyOn(WebAssembly, "validate").mockReturnValue(false);
    const error: unknown = await createWasmBackend().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BackendUnavailableError);
    expect((error as BackendUnavailableError).reasons).toEqual(["this engine has no WebAssembly SIMD"]);
  });

  it("comes down to one thread without shared memory, tells why, and gives the same bits", async () => {
    const expected = await runLayer(await open({ threads: threadsWork ? 2 : 1 }), sharedLayer);
    vi.stubGlobal("crossOriginIsolated", undefined);
    vi.stubGlobal("SharedArrayBuffer", undefined);
    const backend = await open({ threads: 4 });
    expect(backend).toMatchObject({ threads: 1, reason: "no-shared-memory", binary: kind });
    vi.stubGlobal("crossOriginIsolated", false);
    const other = await open({ threads: 4 });
    expect(other).toMatchObject({ threads: 1, reason: "no-cross-origin-isolation", binary: kind });
    expect((await open({ threads: 1 })).reason).toBeNull();
    for (const each of [backend, other]) expect(differingBits(await runLayer(each, sharedLayer), expected)).toEqual([]);
  });
});

describe("WasmBackend", () => {
  it("throws DisposedError after its disposal, which may come twice, and lets go of what is left", async () => {
    const backend = await open({ threads: threadsWork ? 2 : 1 });
    const workspace = backend.workspace();
    const weight = backend.upload(Float32Array.of(1, 2, 3, 4), [2, 2]);
    const x = workspace.upload(Float32Array.of(1, 2), [1, 2]);
    const kept = workspace.keep(workspace.linear(x, weight));
    await Promise.all([backend[asyncDispose](), backend[asyncDispose]()]);
    expect(() => backend.upload(Float32Array.of(1), [1])).toThrow(DisposedError);
    expect(() => backend.workspace()).toThrow(DisposedError);
    expect(() => workspace.add(x, x)).toThrow(DisposedError);
    await expect(workspace.checkpoint()).rejects.toBeInstanceOf(DisposedError);
    await expect(workspace.read(x)).rejects.toBeInstanceOf(DisposedError);
    for (const each of [kept, x, workspace, weight]) each[dispose]();
  });
});
