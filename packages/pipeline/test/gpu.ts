/** Whether there is no WebGPU adapter here. Says so, and that `what` is left out. */
export async function lacksGpu(what: string): Promise<boolean> {
  const { gpu } = globalThis.navigator as { readonly gpu?: GPU };
  const adapter = (await gpu?.requestAdapter().catch(() => null)) ?? null;
  if (adapter !== null) return false;
  console.warn(`Skipped: ${what}, there is no WebGPU adapter here; in Node it takes Debian's chromium and libvulkan1`);
  return true;
}
