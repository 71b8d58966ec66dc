// Node's own modules without importing them, so that the same file runs in a browser.

interface NodeProcess {
  readonly versions?: { readonly node?: string };
  getBuiltinModule?(name: string): unknown;
}

/** The module, or null outside Node (20.16 and later). */
export function builtinModule<M>(name: `node:${string}`): M | null {
  const { process } = globalThis as { readonly process?: NodeProcess };
  if (process?.versions?.node === undefined) return null;
  return (process.getBuiltinModule?.(name) as M | undefined) ?? null;
}
