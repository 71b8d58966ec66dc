// Compiles the probes by AssemblyScript, in memory; the machine that runs them may have an older Node.
import { readFile } from "node:fs/promises";
import asc from "assemblyscript/asc";

/** The bytes of the three probes, by name. */
export interface ProbeBinaries {
  readonly "fma-peak": Uint8Array;
  readonly "plain-peak": Uint8Array;
  readonly bandwidth: Uint8Array;
}

/** Compiles all three. Throws with the compiler's message when one does not compile. */
export async function compileProbes(): Promise<ProbeBinaries> {
  return {
    "fma-peak": await compile("fma-peak", ["--enable", "relaxed-simd"]),
    "plain-peak": await compile("plain-peak", []),
    bandwidth: await compile("bandwidth", []),
  };
}

async function compile(name: string, flags: readonly string[]): Promise<Uint8Array> {
  const source = await readFile(new URL(`kernels/${name}.ts`, import.meta.url), "utf8");
  let binary: Uint8Array | undefined;
  const common = [
    "--outFile",
    "probe.wasm",
    "--runtime",
    "stub",
    "-O3",
    "--noAssert",
    "--importMemory",
    "--enable",
    "simd",
  ];
  const { error } = await asc.main([`${name}.ts`, ...common, ...flags], {
    readFile: (file: string) => (file === `${name}.ts` ? source : null),
    writeFile: (_file: string, contents: string | Uint8Array) => {
      if (typeof contents !== "string") binary = contents;
    },
    listFiles: () => [],
  });
  if (error || !binary) throw new Error(`Cannot compile the probe ${name}: ${error?.message ?? "it gave no binary"}`);
  return binary;
}
