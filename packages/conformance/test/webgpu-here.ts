// Whether there is a WebGPU adapter here, and which cases are left to the tests in Node.

/** Why the suite cannot run on WebGPU here; null where it can. */
export async function whyNoWebgpu(): Promise<string | null> {
  const { gpu } = globalThis.navigator as { readonly gpu?: GPU };
  if (gpu === undefined) return "there is no navigator.gpu here";
  const adapter = await gpu.requestAdapter().catch(() => null);
  return adapter === null ? "there is no adapter here: in Node it takes Debian's chromium and libvulkan1" : null;
}

const isPage = "document" in globalThis;

/** Groups of which each case compiles a program of its own: minutes, where a program does the work of a GPU. */
const onlyInNode: ReadonlySet<string> = new Set(["attention: combinations"]);

/** Why a case does not run here; null for one that does. */
export function whyOmitted({ group }: { readonly group: string }): string | null {
  return isPage && onlyInNode.has(group) ? "in Node only: each case compiles programs of its own" : null;
}
