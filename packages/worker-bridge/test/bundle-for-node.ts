// Node 20 cannot run TypeScript in a worker: the tests give it one module of JavaScript.

import { fileURLToPath } from "node:url";
import { build, type Rolldown } from "vite";

const bundles = new Map<string, Promise<URL>>();

/** An address of the module at `entry` and all that it imports. */
export function bundleForNode(entry: URL): Promise<URL> {
  const known = bundles.get(entry.href) ?? bundle(entry);
  bundles.set(entry.href, known);
  return known;
}

async function bundle(entry: URL): Promise<URL> {
  const output = (await build({
    configFile: false,
    logLevel: "error",
    resolve: { conditions: ["@saccade/source", "module", "node", "import", "default"] },
    build: {
      ssr: true,
      write: false,
      minify: false,
      target: "node20",
      rollupOptions: { input: fileURLToPath(entry) },
    },
    ssr: { noExternal: true },
  })) as Rolldown.RolldownOutput;
  return new URL(`data:text/javascript,${encodeURIComponent(output.output[0].code)}`);
}
