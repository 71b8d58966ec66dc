// Whether there is a WebGPU adapter here, and which cases are left to another page.

/** Why the suite cannot run on WebGPU here; null where it can. */
export async function whyNoWebgpu(): Promise<string | null> {
  const { gpu } = globalThis.navigator as { readonly gpu?: GPU };
  if (gpu === undefined) return "there is no navigator.gpu here";
  const adapter = await gpu.requestAdapter().catch(() => null);
  return adapter === null ? "there is no adapter here: in Node it takes Debian's chromium and libvulkan1" : null;
}

const isPage = "document" in globalThis;

/** Groups of many cases, each of which compiles programs of its own. */
const large: ReadonlySet<string> = new Set([
  "attention: combinations",
  "attention: maps",
  "attention: scores",
  "rows: linear",
]);

/** Half of the names for a page with shared memory, the other half for one without. */
function isOfThisPage(name: string): boolean {
  let sum = 0;
  for (let i = 0; i < name.length; i += 1) sum += name.charCodeAt(i);
  return sum % 2 === (globalThis.crossOriginIsolated ? 0 : 1);
}

/** Why a case does not run here; null for one that does. */
export function whyOmitted({ group, name }: { readonly group: string; readonly name: string }): string | null {
  if (!isPage || !large.has(group) || isOfThisPage(name)) return null;
  return "in the other page: isolated and plain ones run half of this group each, a program that does the work of a GPU takes minutes";
}
